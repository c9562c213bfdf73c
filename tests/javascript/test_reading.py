"""What a script uses, found without running it: tables of scripts and what is found in them, with lines."""

import time

import pytest

from host.javascript.reading import Found, read

_WL = [
    ("WL.Server.invokeHttp({});", ["WL.Server.invokeHttp"]),
    ("WL\n .Logger\n .info('x')", ["WL.Logger.info"]),
    ('WL["Server"]["invokeHttp"]()', ["WL.Server.invokeHttp"]),
    ("var S = WL.Server;\nS.subscribeSMS()", ["2 WL.Server.subscribeSMS"]),
    ("var a = 1, W = WL\nW.Server.notifyDevice()", ["2 WL.Server.notifyDevice"]),
    ("WL.Geo.Callbacks.x()", ["WL.Geo.Callbacks"]),
    ("var k = WL.Server.configuration['a.b'];", ["WL.Server.configuration"]),
    ("var s = 'WL.Server.invokeHttp()'; // WL.Server.x\n/* WL.Server.y */ var r = /WL.Server.z/;", []),
    ("a.WL.Server.invokeHttp(); this.WL.Server.x()", []),
    ("var b = WL.Server.configuration; b.x.y()", ["WL.Server.configuration"]),
    ("`${WL.Server.getActiveUser()} WL.Server.x`", ["WL.Server.getActiveUser"]),
    (
        "var x = <a b={WL.Server.one()}>{WL.Server.two()}\nit's</a>;\nWL.Server.three('')",
        ["WL.Server.one", "WL.Server.two", "3 WL.Server.three"],
    ),
    ("MFP.Server.invokeHttp({});\nMFP.Logger.info('x')", ["MFP.Server.invokeHttp", "2 MFP.Logger.info"]),
    ("var MFP = WL;\nMFP.Server.invokeHttp({});", ["2 WL.Server.invokeHttp"]),
    ("var MFP = {Server: {}}; MFP.Server.invokeHttp({})", []),
    ("function broken( { WL.Server.one();\n}} WL.Server.two(", ["WL.Server.one", "2 WL.Server.two"]),
    ("WL.Server.a()\r\nWL.Server.b()\rWL.Server.c()", ["WL.Server.a", "2 WL.Server.b", "3 WL.Server.c"]),
    ("", []),
]
_E4X = [
    ("var a = <b c='1'>{x}</b>;", ["an XML literal"]),
    ("var a =\n  <b>\n it's \"odd </b>; var s = 'x..y';\nvar c = <d/>;", ["2 an XML literal", "4 an XML literal"]),
    ("f(<></>)", ["an XML literal"]),
    ("var e = <{tag} a={b}>x</{tag}>; var f = 1 / 2 / 3", ["an XML literal"]),
    (
        "var e = <a><![CDATA[ it's </a> ]]><!-- it's --><?pi it's?></a>;\nx..y",
        ["an XML literal", "2 the descendants operator .."],
    ),
    ("return <soap:Envelope xmlns:soap='x'><soap:Body>{<in>{y}</in>}</soap:Body></soap:Envelope>;", ["an XML literal"]),
    ("var e = <?pi x?>;", ["an XML literal"]),
    ("var e = <a", ["an XML literal"]),
    ("var x = y..name; z", ["the descendants operator .."]),
    (
        "var x = y..*.(@id == 3).text() / 2 / 3",
        ["the descendants operator ..", "the XML wildcard .*", "an XML filter .( )", "an XML attribute (@)"],
    ),
    ("x.@id; delete x.@a", ["an XML attribute (@)"]),
    ("x.*; x.soap::Body", ["the XML wildcard .*", "an XML namespace ::"]),
    ("default xml namespace = 'x';", ["default xml namespace"]),
    ("new XML('<a/>'); XMLList(x); new Namespace('x')", ["XML", "XMLList", "Namespace"]),
    ("function XML() {} new XML('<a/>')", []),
    ("if (a < b && c > d) { x = a <b> c; y = 1 <x; z = f()<g; w = a[0]<b.c; v = this<x }", []),
    ("while (i++<n) { j = k--<l.m; } do {} while (--i<0); for (; o.$limit--<0;) {} x = typeof a<b; return <1", []),
    ("// x..y\n/* <a/> */ var s = '<a/>..@*'; var r = /<a>..<\\/a>/.test(s); var t = `<a/>..${s}`", []),
    ("1..toString(); f(...a); a?.(b); a ? b : c; var o = {each: 1}; o.each(1); switch (x) { default: xml = 1 }", []),
    ("<!-- an HTML comment\nvar x = 1;", []),
    ("var x = a / b; var y = c / d; // '\nvar z = q..r", ["2 the descendants operator .."]),
]
_JAVA = [
    ("java.lang.System.exit(0)", ["java.lang.System.exit"]),
    ("java.lang.System.out.println('x'); java.lang.System.out.print('x')", []),
    ("var out = java.lang.System.out; out.println('x')", ["java.lang.System.out"]),
    ("var s = new java.lang.String('x');", ["java.lang.String"]),
    ("Packages.com.acme.Thing()", ["Packages.com.acme.Thing"]),
    ("com.worklight.common.js.util.JSObjectConverter.toFormattedString(x)", []),
    ("com.worklight.server.integration.api.JSObjectConverter.toFormattedString(x)", []),
    (
        "com.worklight.common.js.util.JSObjectConverter.toScriptObject(x)",
        ["com.worklight.common.js.util.JSObjectConverter.toScriptObject"],
    ),
    (
        "importPackage(java.util);\nimportClass(org.acme.X)",
        ["importPackage", "java.util", "2 importClass", "2 org.acme.X"],
    ),
    ("new JavaAdapter(x); with (new JavaImporter(javax.swing)) {}", ["JavaAdapter", "JavaImporter", "javax.swing"]),
    ("var com = {}; com.x(); function f(org) { return org.y }", []),
    ("com = {}; com.x(); com.y = 1", []),
    ("com.acme.y = 1", ["com.acme.y"]),
    ("var o = {java: 1, com: 2}; o.java.lang(); o.com.x; o['org'].y", []),
    ("var s = 'java.lang.String'; // java.io.File\n/* com.x.Y */ var r = /org.x/", []),
    ("try { x() } catch (e if e.javaException instanceof java.io.IOException) { }", ["java.io.IOException"]),
    ("function importPackage() {} importPackage(x)", []),
    ("var java_x = com; x.importPackage(y)", []),
]
_RHINO = [
    ("try { a() }\ncatch (e if e == 1) { } catch (e) { }", ["2 a conditional catch (catch (e if ...))"]),
    ("function square(x) x * x;", ["an expression closure (a function without braces)"]),
    ("list.map(function(x) x.y)", ["an expression closure (a function without braces)"]),
    ("for each (var i in list) { }", ["a for each loop (write for (var value of Object.values(object)))"]),
    ("let (x = (1)) { f(); }", ["a let block (let (...) {...})"]),
    ("var a = [x * 2 for (x in y)];", ["an array comprehension ([... for (...)])"]),
    ("var a = [x for each (x in y) if (x)];", ["an array comprehension ([... for (...)])"]),
    ("var a = [function () { for (x in y) { z() } }]; let x = 1; var f = function(a, b) { }; function* g() {}", []),
    ("a.let(x); a.catch(e); a.function(x); var s = 'function(x) x'; class A { constructor(x) { } }", []),
    ("var f = (x) => x; var o = {f(x) { }, get y() { return 1 }}; let(x); for (;;) {}", []),
]


def _shown(found: tuple[Found, ...]) -> list[str]:
    """The line only where it is not the first."""
    return [each.name if each.line == 1 else f"{each.line} {each.name}" for each in found]


@pytest.mark.parametrize(("script", "found"), _WL)
def test_uses_of_wl(script: str, found: list[str]) -> None:
    assert _shown(read(script).wl) == found


@pytest.mark.parametrize(("script", "found"), _E4X)
def test_xml_in_javascript(script: str, found: list[str]) -> None:
    assert _shown(read(script).e4x) == found


@pytest.mark.parametrize(("script", "found"), _JAVA)
def test_java_classes(script: str, found: list[str]) -> None:
    assert _shown(read(script).java) == found


@pytest.mark.parametrize(("script", "found"), _RHINO)
def test_what_only_rhino_understood(script: str, found: list[str]) -> None:
    assert _shown(read(script).rhino) == found


@pytest.mark.parametrize(
    "script",
    [
        "(" * 20_000,
        "[" * 20_000,
        "<a>" * 5_000,
        "<a>{" * 2_000,
        "x..y;" * 2_000,
        "var x = <a/>;\n" * 500,
        "'\\",
        "\udc80 = '\ud800'",
        "`${`${" * 5_000,
    ],
    ids=["parentheses", "arrays", "tags", "braces", "descendants", "literals", "torn", "surrogates", "templates"],
)
def test_strange_scripts_are_read_in_time(script: str) -> None:
    begun = time.process_time()  # of this process alone, whatever else the machine does
    read(script)
    assert time.process_time() - begun < 10
