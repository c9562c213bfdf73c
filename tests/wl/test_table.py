"""The table of docs/how-to/migrate-from-mobilefirst.md, the facade and the tests of this folder say the same.

Every method of the table has a test of its name here, asked in both languages.
"""

import inspect
import re
from pathlib import Path

import pytest

from host.migration.published import DIFFERS
from host.subscribing import UserSubscription
from host.wl import Logger, Server
from tests.hosts import REPOSITORY
from tests.wl.speaking import Said, Speak

PAGE = REPOSITORY / "docs" / "how-to" / "migrate-from-mobilefirst.md"
ROW = re.compile(r"^\| `([^`]+)` \| (works|differs|not provided) \|(.*)\|$", re.MULTILINE)
TEST = re.compile(r"^def (test_\w+)\(([^)]*)", re.MULTILINE)
OURS = {"WL.Server.notifyEventSource"}

NOT_PROVIDED = (
    *("notifyDeviceToken", "notifyAll", "invokeSQLStatement", "invokeSQLStoredProcedure", "setActiveUser"),
    *(
        "getCurrentUserIdentity",
        "getCurrentDeviceIdentity",
        "getClientId",
        "readSingleJMSMessage",
        "readAllJMSMessages",
    ),
    *("writeJMSMessage", "requestReplyJMSMessage", "invokeCastIron", "signSoapMessage", "fetchNWBusinessObject"),
    *("createNWBusinessObject", "updateNWBusinessObject", "deleteNWBusinessObject", "getBeaconsAndTriggers"),
)

# What IBM published for adapters: the content-assist stub, its tutorials and the lists of what 8.0 removed.
PUBLISHED = {
    *(f"WL.Server.{name}" for name in NOT_PROVIDED),
    *("WL.Server.createSMSEventHandler", "WL.Server.setEventHandlers", "WL.Server.subscribeSMS"),
    *("WL.Server.getSMSSubscription", "WL.Server.unsubscribeSMS", "WL.Server.createUSSDEventHandler"),
    *("WL.Server.createUSSDResponse", "WL.Server.createEventHandler", "WL.Server.createEventSource"),
    *("WL.Server.getUserNotificationSubscription", "WL.Server.createDefaultNotification"),
    *("WL.Server.notifyDeviceSubscription", "WL.Server.submitNotification", "WL.Server.notifyAllDevices"),
    *("WL.Server.notifyDevice", "WL.Server.sendMessage", "WL.Server.configuration", "WL.Server.invokeProcedure"),
    *("WL.Server.invokeHttp", "WL.Server.createSQLStatement", "WL.Server.getClientRequest", "WL.Server.getActiveUser"),
    *("WL.Server.logActivity", "WL.Server.setApplicationContext", "WL.Server.getClientDeviceContext"),
    *(f"WL.Logger.{name}" for name in ("debug", "info", "log", "warn", "error")),
    *("UserSubscription.getDeviceSubscriptions", "UserSubscription.save", "WL.Geo", "WL.Device"),
}


def rows() -> dict[str, tuple[str, str]]:
    """The methods of the table: what becomes of each, and how."""
    table, _, _ = PAGE.read_text(encoding="utf-8").partition("## Files and elements")
    return {name: (verdict, how) for name, verdict, how in ROW.findall(table)}


def written() -> dict[str, list[str]]:
    """The test functions of this folder, each with its parameters."""
    found: dict[str, list[str]] = {}
    for file in sorted(Path(__file__).parent.glob("test_*.py")):
        for name, parameters in TEST.findall(file.read_text(encoding="utf-8")):
            assert name not in found, f"{file.name}: two tests are called {name}"
            found[name] = [each.partition(":")[0].strip() for each in parameters.split(",")]
    return found


def members() -> set[str]:
    """What the facade has."""
    kinds = {"WL.Server": Server, "WL.Logger": Logger}
    found = {f"{prefix}.{name}" for prefix, kind in kinds.items() for name in vars(kind) if not name.startswith("_")}
    methods = {name for name, member in vars(UserSubscription).items() if inspect.isfunction(member)}
    return found | {f"UserSubscription.{name}" for name in methods if not name.startswith("_")}


def test_the_table_has_every_method_that_was_published() -> None:
    assert set(rows()) == PUBLISHED


def test_the_table_and_the_facade_agree() -> None:
    provided = {name for name, (verdict, _) in rows().items() if verdict != "not provided"}
    assert provided == members() - OURS


def test_what_differs_says_how() -> None:
    assert [name for name, (verdict, how) in rows().items() if verdict == "differs" and not how.strip()] == []


def test_the_migration_report_says_no_more_than_the_table() -> None:
    assert {name for name in DIFFERS if rows()[name][0] != "differs"} == set()


@pytest.mark.parametrize("method", sorted(PUBLISHED | OURS))
def test_every_method_has_a_test_of_its_name(method: str) -> None:
    name = method.rpartition(".")[2]
    if method in {"WL.Geo", "WL.Device"} or name in NOT_PROVIDED:
        return  # test_is_not_provided has a row for it
    its = [parameters for test, parameters in written().items() if re.fullmatch(rf"test_{name}(_\w+)?", test)]
    assert any({"speak", "two"} & set(each) for each in its), f"no test_{name} that speaks both languages"


def test_is_not_provided(speak: Speak) -> None:
    names = [*(f"Server.{each}" for each in NOT_PROVIDED), "Geo", "Device", "Logger.trace"]
    it = speak(other='"the rest runs"', **{f"use_{name.replace('.', '_')}": f"WL.{name}({{}})" for name in names})
    for name in names:
        with pytest.raises(Said, match=r".") as caught:
            it.call(f"use_{name.replace('.', '_')}")
        said = f"WL.{name} is not provided by this host: see docs/how-to/migrate-from-mobilefirst.md for what is"
        assert said in str(caught.value)
    assert it.call("other") == "the rest runs"


def test_is_not_provided_has_a_row_for_each_method_that_is_not() -> None:
    not_provided = {name for name, (verdict, _) in rows().items() if verdict == "not provided"}
    assert not_provided == {*(f"WL.Server.{each}" for each in NOT_PROVIDED), "WL.Geo", "WL.Device"}
