"""XML files that are broken or hostile: a problem with a place, whatever the file; and the encodings that must work."""

from collections.abc import Callable, Mapping

import pytest

from host.config.authconfig import read_authconfig
from host.config.manifest import read_manifest
from host.config.smsconfig import read_smsconfig
from host.errors import Problem

Reader = Callable[[bytes, str, Mapping[str, str]], tuple[object, list[Problem]]]

READERS: list[Reader] = [read_smsconfig, read_authconfig, read_manifest]
DOCTYPE = "a DOCTYPE is not accepted, nor are entities: remove it"
BROKEN = "this is not well-formed XML: "
SAVE = 'save it as UTF-8, or begin it with <?xml version="1.0" encoding="ISO-8859-1"?>'
BEFORE = "remove what stands before the first element"

BILLION_LAUGHS = b"""<?xml version="1.0"?>
<!-- harmless so far -->
<!DOCTYPE lolz [
 <!ENTITY a "lollollollollollollollollollol">
 <!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
 <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
 <!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">
 <!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;">
 <!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;">
]>
<config><gateway id="a" hostname="%s"/></config>"""


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("data", "problem"),
    [
        pytest.param(BILLION_LAUGHS % b"", f"x.xml:3: {DOCTYPE}", id="billion laughs"),
        pytest.param(
            b'<!DOCTYPE config [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<config>&x;</config>',
            f"x.xml:1: {DOCTYPE}",
            id="external entity",
        ),
        pytest.param(
            b'\n<!DOCTYPE config SYSTEM "http://127.0.0.1:9/x.dtd">\n<config/>'.lstrip(),
            f"x.xml:1: {DOCTYPE}",
            id="external DTD",
        ),
        pytest.param(b"<!DOCTYPE config>\n<config/>", f"x.xml:1: {DOCTYPE}", id="bare DOCTYPE"),
        pytest.param(
            '<?xml version="1.0" encoding="UTF-16"?>\n\n<!DOCTYPE config>\n<config/>'.encode("utf-16"),
            f"x.xml:3: {DOCTYPE}",
            id="DOCTYPE in UTF-16",
        ),
        pytest.param(
            b"<a>" * 10_000 + b"</a>" * 10_000,
            f"x.xml:1: {BROKEN}Excessive depth in document: 256, use XML_PARSE_HUGE option",
            id="nested 10 000 deep",
        ),
        pytest.param(
            b"<config>\n<a>\xff</a></config>",
            f"x.xml:2: {BROKEN}Invalid bytes in character encoding; {SAVE}",
            id="no UTF-8",
        ),
        pytest.param(b"", f"x.xml:1: {BROKEN}Document is empty", id="empty"),
        pytest.param(b"\n\n", f"x.xml:3: {BROKEN}Start tag expected, '<' not found; {BEFORE}", id="blank"),
        pytest.param(
            b"<config>\n<gateway>\n</config>",
            f"x.xml:3: {BROKEN}Opening and ending tag mismatch: gateway line 2 and config",
            id="not closed",
        ),
        pytest.param(
            b"<config>&nbsp;</config>",
            f"x.xml:1: {BROKEN}Entity 'nbsp' not defined; write the character itself, and \"&\" as &amp;",
            id="unknown entity",
        ),
        pytest.param(
            b'<config>\n<a b="x&y=1"/></config>',
            f"x.xml:2: {BROKEN}EntityRef: expecting ';'; write \"&\" as &amp;",
            id="ampersand",
        ),
        pytest.param(
            b'<config>\n<a b="x & y"/></config>',
            f'x.xml:2: {BROKEN}xmlParseEntityRef: no name; write "&" as &amp;',
            id="lone ampersand",
        ),
        pytest.param(
            "<config>\n<a b=“1”/></config>".encode(),
            f'x.xml:2: {BROKEN}AttValue: " or \' expected; “ ” are no quotes of XML: write " instead',
            id="typographic quotes",
        ),
        pytest.param(
            '<config>\n<a b="1"\u00a0c="2"/></config>'.encode(),
            f"x.xml:2: {BROKEN}attributes construct error; a no-break space stands in this line: write an ordinary one",
            id="no-break space",
        ),
        pytest.param(
            b"<config>\n<a b=1/></config>",
            f'x.xml:2: {BROKEN}AttValue: " or \' expected; write the value in quotes: name="value"',
            id="no quotes",
        ),
        pytest.param(
            b'\n<?xml version="1.0"?><config/>',
            f"x.xml:2: {BROKEN}XML declaration allowed only at the start of the document; remove what stands before <?xml",
            id="blank line before the declaration",
        ),
        pytest.param(b"```xml\n<config/>", f"x.xml:1: {BROKEN}Start tag expected, '<' not found; {BEFORE}", id="fence"),
        pytest.param(
            b'<?xml version="1.0" encoding="klingon"?>\n<config/>',
            f"x.xml:1: {BROKEN}Unsupported encoding: klingon",
            id="unknown encoding",
        ),
    ],
)
def test_broken_and_hostile_files_are_one_problem(reader: Reader, data: bytes, problem: str) -> None:
    assert [str(each) for each in reader(data, "x.xml", {})[1]] == [problem]


def test_entities_in_attributes_are_refused_before_anything_reads_them() -> None:
    gateways, problems = read_smsconfig(BILLION_LAUGHS % b"&f;", "x.xml", {})
    assert gateways == ()
    assert len(problems) == 1
    assert problems[0].place.line > 0


@pytest.mark.parametrize(
    ("reader", "name", "problem"),
    [
        (read_smsconfig, "config", '<config> in the namespace "http://www.worklight.com/sms/config"'),
        (
            read_authconfig,
            "loginConfiguration",
            '<loginConfiguration> in the namespace "http://www.worklight.com/auth/config"',
        ),
        (read_manifest, "adapter", '<adapter> in the namespace "http://www.ibm.com/mfp/integration"'),
    ],
)
def test_another_root_is_named_beside_the_right_one(reader: Reader, name: str, problem: str) -> None:
    other = reader(b"<!-- -->\n<html/>", "x.xml", {})[1]
    assert [str(each) for each in other] == [f"x.xml:2: the root element is <html>: write {problem}"]
    foreign = reader(f'<x:{name} xmlns:x="urn:y"/>'.encode(), "x.xml", {})[1]
    given = f'<{name}> in the namespace "urn:y"'
    assert [str(each) for each in foreign] == [f"x.xml:1: the root element is {given}: write {problem}"]


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", ""),
        ("utf-8", '<?xml version="1.0"?>'),
        ("utf-8-sig", ""),
        ("utf-8-sig", '<?xml version="1.0" encoding="UTF-8"?>'),
        ("utf-16", ""),
        ("utf-16", '<?xml version="1.0" encoding="UTF-16"?>'),
        ("iso-8859-1", '<?xml version="1.0" encoding="ISO-8859-1"?>'),
        ("cp1252", '<?xml version="1.0" encoding="windows-1252"?>'),
    ],
)
def test_encodings(encoding: str, declared: str) -> None:
    text = f'{declared}<config><gateway id="a" hostname="h" toParamName="à"/></config>'
    gateways, problems = read_smsconfig(text.encode(encoding), "x.xml", {})
    assert ([gateway.to_param for gateway in gateways], problems) == (["à"], [])


def test_comments_and_processing_instructions_are_passed_over_everywhere() -> None:
    data = b"""<?xml version="1.0"?><!-- <!DOCTYPE x> --><?php x?>
        <wl:adapter name="x" xmlns:wl="http://www.worklight.com/integration"><?a b?><!-- <procedure name="y"/> -->
        <displayName>One <!-- and a half -->shop<?c d?>!</displayName></wl:adapter><!-- end -->"""
    manifest, problems = read_manifest(data, "x.xml", {})
    assert problems == []
    assert manifest is not None
    assert (manifest.display_name, manifest.procedures) == ("One shop!", ())
