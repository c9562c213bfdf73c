"""What a back end's answers become: a table of conversions."""

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from host.backends.asking import Asked
from host.backends.lenient import loads
from host.backends.options import Wanted
from host.backends.reading import read
from host.backends.xmljson import Unreadable, as_json, parse_xml
from host.errors import WLError

XML = "text/xml; charset=utf-8"


def converted(
    body: bytes | str, said: str = XML, folder: Path = Path(), seconds: float = 10.0, **options: Any
) -> tuple[dict[str, Any], list[str]]:
    wanted = Wanted.from_options({"method": "get", "path": "/", **options})
    data = body.encode() if isinstance(body, str) else body
    return read(Asked(200, "OK", {"Content-Type": said} if said else {}, data, 0.0), wanted, folder, seconds)


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ("<a/>", {"a": ""}),
        ("<a> x </a>", {"a": "x"}),
        ("<a><![CDATA[x < y]]></a>", {"a": "x < y"}),
        ("<a b='1'/>", {"a": {"b": "1"}}),
        ("<a b='1'>x</a>", {"a": {"b": "1", "CDATA": "x"}}),
        ("<a><b>1</b></a>", {"a": {"b": "1"}}),
        ("<a><b>1</b><b>2</b><b/></a>", {"a": {"b": ["1", "2", ""]}}),
        ("<a><b>1</b><c/><b x='y'/></a>", {"a": {"b": ["1", {"x": "y"}], "c": ""}}),
        ("<a>x<b/>y<!-- no -->z</a>", {"a": {"b": "", "CDATA": "xyz"}}),
        ("<a b='1'><b>2</b></a>", {"a": {"b": ["1", "2"]}}),
        ("<a>\n  <b/>\n</a>", {"a": {"b": ""}}),
        ("<?xml version='1.0'?><!DOCTYPE a SYSTEM 'file:///etc/passwd'><a>&amp;</a>", {"a": "&"}),
        ("<!DOCTYPE a SYSTEM 'x.dtd'><a>1&nbsp;2</a>", {"a": "1&nbsp;2"}),
        (
            '<s:Envelope xmlns:s="urn:soap"><s:Body><p xmlns="urn:p" s:x="1">t</p></s:Body></s:Envelope>',
            {"Envelope": {"s": "urn:soap", "Body": {"p": {"xmlns": "urn:p", "x": "1", "CDATA": "t"}}}},
        ),
    ],
)
def test_xml_as_json(xml: str, expected: dict[str, Any]) -> None:
    assert converted(xml) == (expected, [])


@pytest.mark.parametrize(
    ("body", "said", "options", "expected"),
    [
        ('{"a": [1, 2.5, null]}', "application/json", {}, {"a": [1, 2.5, None]}),
        ("[1, 2]", "text/javascript", {}, {"array": [1, 2]}),
        ('"word"', "application/json", {}, {"text": '"word"'}),
        ("\ufeff{}", "application/vnd.api+json", {}, {}),
        ("", "application/json", {}, {}),
        ("  \n", "text/xml", {}, {}),
        ("a,b", "text/csv", {}, {"text": "a,b"}),
        ("b { }", "text/css", {}, {"text": "b { }"}),
        ('{"a": 1}', "", {}, {"text": '{"a": 1}'}),
        ('{"a": 1}', "text/plain", {"returnedContentType": "json"}, {"a": 1}),
        ('{"a": 1}', "application/json", {"returnedContentType": "plain"}, {"text": '{"a": 1}'}),
        ("<a>1</a>", "text/html", {"returnedContentType": "application/rss+xml"}, {"a": "1"}),
        ("ä".encode("latin-1"), "text/plain; charset=ISO-8859-1", {}, {"text": "ä"}),
        ("ä".encode(), "text/plain; charset=iso-8859-1", {"returnedContentEncoding": "utf-8"}, {"text": "ä"}),
        ("ä".encode("latin-1"), "text/plain; charset=hex", {}, {"text": "\ufffd"}),
        (b"bcher-kva", "text/plain; charset=punycode", {}, {"text": "bcher-kva"}),
        (rb"\u0041", "text/plain; charset=unicode-escape", {}, {"text": r"\u0041"}),
        ("<a>ä</a>".encode("latin-1"), "text/xml; charset=iso-8859-1", {}, {"a": "ä"}),
        ("<?xml version='1.0' encoding='iso-8859-1'?><a>ä</a>".encode("latin-1"), "text/xml", {}, {"a": "ä"}),
        ("<a>ä</a>".encode("utf-16"), "text/xml", {}, {"a": "ä"}),
        ("<a>ä</a>".encode("utf-16-le"), "text/xml; charset=UTF-16LE", {}, {"a": "ä"}),
        ("<?xml version='1.0' encoding='EUC-JP'?><a>木</a>".encode("euc-jp"), "text/xml; charset=EUC-JP", {}, {"a": "木"}),
        ("<body>木".encode("iso-2022-jp"), "text/html; charset=iso-2022-jp", {}, {"html": {"body": "木"}}),
        (
            "<title>T</title><p class=x>one<br>two<p>three",
            "text/html",
            {},
            {"html": {"head": {"title": "T"}, "body": {"p": [{"class": "x", "br": "", "CDATA": "onetwo"}, "three"]}}},
        ),
        ("<html><body>ä</body></html>", "application/xhtml+xml", {}, {"html": {"body": "ä"}}),
    ],
)  # fmt: skip
def test_conversions(body: bytes | str, said: str, options: dict[str, Any], expected: dict[str, Any]) -> None:
    assert converted(body, said, **options) == (expected, [])


LAUGHS = '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><a b="&y;">&y;</a>'


@pytest.mark.parametrize(
    ("body", "said", "error"),
    [
        ("<a>", XML, "the answer is to be XML, and is not well-formed: "),
        ("{", XML, "the answer is to be XML, and is not well-formed: "),
        (LAUGHS, XML, "the answer's DOCTYPE declares something of its own: such XML is not read"),
        (
            "<!DOCTYPE a SYSTEM 'x>y' [<!ENTITY x 'ha'>]><a b='&x;'/>",
            XML,
            "the answer's DOCTYPE declares something of its own: such XML is not read",
        ),
        (
            LAUGHS.encode("utf-16"),
            "text/xml",
            "the answer's DOCTYPE declares something of its own: such XML is not read",
        ),
        ("<a>" * 250 + "</a>" * 250, XML, "the answer's elements are nested more than 200 deep"),
        ("<a>" * 9000 + "</a>" * 9000, XML, "the answer is to be XML, and is not well-formed: "),
        (
            "<html>",
            "application/json",
            "the answer is to be JSON, and is not: Expecting value: line 1 column 1 (char 0)",
        ),
        ("<!-- nothing -->", "text/html", "the answer is to be HTML, and is not"),
        ("NaN", "application/json", "the answer is to be JSON, and is not: NaN is no JSON"),
        ("[" * 100_000, "application/json", "the answer is to be JSON, and is not: it is nested too deeply"),
    ],
)
def test_what_cannot_be_read(body: str | bytes, said: str, error: str) -> None:
    with pytest.raises(Unreadable) as caught:
        converted(body, said)
    assert str(caught.value).startswith(error)
    assert "http" not in str(caught.value)


SHEET = """<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:h="http://www.w3.org/1999/xhtml">%s<xsl:output method="%s"/><xsl:template match="/">%s</xsl:template>
    </xsl:stylesheet>"""
ITEMS = "{ 'Items': [<xsl:for-each select=\"//item\">{ title: '<xsl:value-of select=\"t\"/>' },</xsl:for-each>] }"
FEED = "<rss><item><t>one\ntwo</t></item><item><t>three</t></item></rss>"


def transformed(
    folder: Path, sheet: str, body: str = FEED, said: str = XML, *, name: str = "f.xsl", seconds: float = 10.0
) -> tuple[dict[str, Any], list[str]]:
    (folder / "f.xsl").write_text(sheet)
    return converted(body, said, folder, seconds, transformation={"type": "xslFile", "xslFile": name})


@pytest.mark.parametrize(
    ("method", "template", "said", "expected"),
    [
        ("text", ITEMS, XML, {"Items": [{"title": "one\ntwo"}, {"title": "three"}]}),
        ("text", "[1, 2]", XML, {"array": [1, 2]}),
        ("xml", "<x><y>1</y></x>", XML, {"x": {"h": "http://www.w3.org/1999/xhtml", "y": "1"}}),
        ("text", '{"h": "<xsl:value-of select="//h:item[2]/h:t"/>"}', "text/html", {"h": "three"}),
    ],
)
def test_stylesheets(tmp_path: Path, method: str, template: str, said: str, expected: dict[str, Any]) -> None:
    assert transformed(tmp_path, SHEET % ("", method, template), FEED, said) == (expected, [])


def test_a_stylesheet_that_makes_no_json_gives_its_text_and_a_warning(tmp_path: Path) -> None:
    assert transformed(tmp_path, SHEET % ("", "text", "{ a: }")) == (
        {"text": "{ a: }"},
        ["what the stylesheet made is no JSON: a value is missing at character 6"],
    )


def test_json_is_not_transformed() -> None:
    assert converted('{"a": 1}', "application/json", transformation={"type": "xslFile", "xslFile": "f.xsl"}) == (
        {"a": 1},
        ["the transformation was not applied: the answer is no XML or HTML"],
    )


@pytest.mark.parametrize("reach", ["import", "include"])
def test_a_stylesheet_includes_nothing(tmp_path: Path, reach: str) -> None:
    (tmp_path / "secret.xsl").write_text(SHEET % ("", "text", "{secret: 1}"))
    with pytest.raises(WLError, match=r"f\.xsl is no stylesheet that can be used"):
        transformed(tmp_path, SHEET % (f'<xsl:{reach} href="secret.xsl"/>', "text", "{}"))


@pytest.mark.parametrize("reach", ["{tmp}/secret.xml", "file://{tmp}/secret.xml", "http://127.0.0.1:9/"])
def test_a_stylesheet_reads_no_file_and_no_network(tmp_path: Path, reach: str) -> None:
    (tmp_path / "secret.xml").write_text("<s>the-secret</s>")
    said = reach.format(tmp=tmp_path)
    with pytest.raises(Unreadable) as caught:
        transformed(tmp_path, SHEET % ("", "text", f"<xsl:value-of select=\"document('{said}')\"/>"))
    assert "the-secret" not in str(caught.value)


def test_a_stylesheet_writes_no_file(tmp_path: Path) -> None:
    sheet = SHEET % ("", "text", f'<e:document href="{tmp_path}/made.xml"><x/></e:document>')
    extended = sheet.replace("version", 'xmlns:e="http://exslt.org/common" extension-element-prefixes="e" version')
    with suppress(Unreadable):
        transformed(tmp_path, extended)
    assert not (tmp_path / "made.xml").exists()


LOOP = '<xsl:template name="t"><xsl:call-template name="t"/></xsl:template>'
DOUBLING = """<xsl:template name="t"><xsl:param name="n"/><xsl:if test="$n &gt; 0">
    <xsl:call-template name="t"><xsl:with-param name="n" select="$n - 1"/></xsl:call-template>
    <xsl:call-template name="t"><xsl:with-param name="n" select="$n - 1"/></xsl:call-template></xsl:if></xsl:template>"""
GROWING = """<xsl:template name="t"><xsl:param name="s"/><xsl:call-template name="t">
    <xsl:with-param name="s" select="concat($s, $s)"/></xsl:call-template></xsl:template>"""
BEGIN = (
    '<xsl:call-template name="t"><xsl:with-param name="n" select="40"/><xsl:with-param name="s" select="\'abcdefgh\'"/>'
)


@pytest.mark.parametrize(
    ("templates", "said"),
    [
        (DOUBLING, r"^f\.xsl: the stylesheet took longer than 0\.7 s$"),
        (LOOP, r"^f\.xsl failed on the answer: "),
        (GROWING, r"^f\.xsl failed on the answer: "),
    ],
)
def test_a_stylesheet_ends(tmp_path: Path, templates: str, said: str) -> None:
    sheet = SHEET % (templates, "text", BEGIN + "</xsl:call-template>")
    began = time.monotonic()
    with pytest.raises(Unreadable, match=said):
        transformed(tmp_path, sheet, seconds=0.7 if templates is DOUBLING else 30.0)
    assert time.monotonic() - began < 20


def test_a_stylesheet_without_time_is_not_begun(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no time was left for the stylesheet"):
        transformed(tmp_path, SHEET % ("", "text", "{}"), seconds=-1.0)


@pytest.mark.parametrize("name", ["../f.xsl", "/etc/passwd", "none.xsl", ".", "a\0b"])
def test_a_stylesheet_is_a_file_of_the_adapters_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "f.xsl").write_text(SHEET % ("", "text", "{}"))
    with pytest.raises(WLError):
        transformed(tmp_path / "inner", SHEET % ("", "text", "{}"), name=name)


def test_a_link_out_of_the_folder_is_no_stylesheet_of_it(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "outside.xsl").write_text(SHEET % ("", "text", "{}"))
    (inner / "link.xsl").symlink_to(tmp_path / "outside.xsl")
    with pytest.raises(WLError, match=r"there is no stylesheet 'link\.xsl' in the adapter's folder"):
        transformed(inner, SHEET % ("", "text", "{}"), name="link.xsl")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{a: 1, 'b': [true, null,], \"c\": 'x\\'y\\u0041',}", {"a": 1, "b": [True, None], "c": "x'yA"}),
        ("[]", []),
        (" -1.5e2 ", -150.0),
        ("'a\nb'", "a\nb"),
        ('{"a": "b\nc"}', {"a": "b\nc"}),
        ("{$x_1: 'a\"b'}", {"$x_1": 'a"b'}),
    ],
)
def test_lenient_json(text: str, expected: object) -> None:
    assert loads(text) == expected


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "a value is missing at character 1"),
        ("{a 1}", "a name and a colon are missing at character 4"),
        ("{a: 1 b: 2}", 'a comma or "}" is missing at character 7'),
        ("['a", "a string is not closed at character 4"),
        ("{} x", "more follows the value at character 4"),
        ("'\\uXYZW'", "\\u needs four hexadecimal digits at character 8"),
        ("[" * 200, "nested more than 100 deep at character 102"),
        ("{", "a name and a colon are missing at character 2"),
    ],
)
def test_what_is_no_json_however_lenient(text: str, error: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        loads(text)
    assert str(caught.value) == error


def test_elements_that_are_none_are_left_out() -> None:
    assert as_json(parse_xml(b"<a><?pi x?><!-- c --><b/></a>")) == {"a": {"b": ""}}
