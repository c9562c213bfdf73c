"""application-descriptor.xml: which gateway an app's web subscriptions are for, and nothing else of it."""

from pathlib import Path

import pytest

from host.config import look_at_configuration

WORKLIGHT = 'xmlns="http://www.worklight.com/application-descriptor" platformVersion="7.1.0.00"'
GATEWAYS = '<config><gateway id="web" hostname="h"/><gateway id="other" hostname="h"/></config>'


def _app(inner: str, attributes: str = f'id="Shop" {WORKLIGHT}') -> str:
    return f"<application {attributes}>\n<displayName>Shop</displayName>\n{inner}\n<features/></application>"


DESCRIPTORS = [
    (_app('<smsGateway id="web"/>'), {"Shop": "web"}, []),
    (_app('<smsGateway id="${sms.gateway.id}"/>'), {"Shop": "other"}, []),
    (_app(""), {}, []),
    (_app("", 'odd="${no.such}"'), {}, []),
    (_app('<pushSender><smsGateway id="web"/></pushSender>'), {}, []),
    ('<nativeAndroidApp id="Native" xmlns="http://www.worklight.com/native-android-descriptor"/>', {}, []),
    (_app('<smsGateway id="web"/>\n<smsGateway id="web"/>'), {"Shop": "web"},
     [(4, "<smsGateway> is already on line 3: keep one of them")]),
    (_app('<smsGateway id="wep"/>'), {"Shop": "wep"},
     [(3, '<smsGateway id="wep">: SMSConfig.xml has no such gateway (it has: other, web); did you mean "web"?')]),
    (_app("<smsGateway/>"), {}, [(3, '<smsGateway> needs id="...": it is missing or empty')]),
    (_app('<smsGateway id="web"/>', WORKLIGHT), {}, [(1, '<application> needs id="...": it is missing or empty')]),
    ("<application", {}, [(1, "this is not well-formed XML: Couldn't find end of Start Tag application line 1")]),
]  # fmt: skip


@pytest.mark.parametrize(("descriptor", "applications", "problems"), DESCRIPTORS)
def test_an_apps_gateway(
    tmp_path: Path, descriptor: str, applications: dict[str, str], problems: list[tuple[int, str]]
) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "SMSConfig.xml").write_text(GATEWAYS)
    (tmp_path / "conf" / "worklight.properties").write_text("sms.gateway.id=other\n")
    (tmp_path / "apps" / "shop").mkdir(parents=True)
    (tmp_path / "apps" / "shop" / "application-descriptor.xml").write_text(descriptor)
    (tmp_path / "apps" / ".gitkeep").touch()
    configuration, found = look_at_configuration(tmp_path / "conf", {}, tmp_path / "apps")
    assert configuration.applications == applications
    assert [(each.place.line, each.message) for each in found] == problems


def test_two_apps_of_one_name_and_a_project_without_apps(tmp_path: Path) -> None:
    (tmp_path / "SMSConfig.xml").write_text(GATEWAYS)
    assert look_at_configuration(tmp_path, {}, tmp_path / "apps")[0].applications == {}
    for folder in ("one", "two"):
        (tmp_path / "apps" / folder).mkdir(parents=True)
        (tmp_path / "apps" / folder / "application-descriptor.xml").write_text(_app('<smsGateway id="web"/>'))
    configuration, problems = look_at_configuration(tmp_path, {}, tmp_path / "apps")
    assert configuration.applications == {"Shop": "web"}
    assert [str(each) for each in problems] == [
        f'{tmp_path}/apps/two/application-descriptor.xml: another app is also called "Shop": rename one'
    ]
