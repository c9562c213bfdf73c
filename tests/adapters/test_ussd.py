"""USSD handlers, asked at a host at rest: who answers, with what, and what of it counts."""

import logging
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from host.app import create_app, stop
from host.errors import BadCallback, StoreUnavailable
from host.loader import Surroundings, load_adapters
from host.messages import HttpRequest, HttpResponse
from host.options import Options
from host.runtime import Runtime
from host.store import health
from host.store.tables import metadata
from host.ussd import answer
from tests.adapters.folders import HEAD, host_at_rest, write_adapter
from tests.hosts import REPOSITORY
from tests.programs import wait_for

CODE = """
import threading
END = threading.Event()
WL.Server.createEventSource({"name": "menu"})
def text(number, words="hello"):
    subscription = WL.Server.subscribeSMS("a.menu", number, "web")
    WL.Server.notifyDeviceSubscription(subscription, WL.Server.createDefaultNotification(words))

def echo(request): return WL.Server.createUSSDResponse(request.params.get("text", "none"))
def whole(request): return repr((dict(request.params), dict(request.headers), request.body, request.params.all("x")))
def path(request): return f"by path {request.params.get('__wlpath')}"
def texting(request):
    text("+15550001")
    return WL.Server.createUSSDResponse("bye", isLastMsg=True)
def last(request): return {"content": "bye", "isLastMsg": True}
def xml(request): return {"content": "<a>é</a>", "contentType": "text/xml; charset=ISO-8859-1"}
def raising(request):
    text("+15550001")
    raise ValueError("no menu")
def exiting(request): raise SystemExit(1)
def hanging(request):
    text("+15550001")
    END.wait(20)
    return "late"
def returning(request): return eval(request.params["value"])
def picky(value): raise ValueError("picky")
def hanging_filter(value): return END.wait(20)
def away(request):
    from host.errors import StoreUnavailable
    raise StoreUnavailable("the database is away")
def second(request): return "second"

def by(do, function): return WL.Server.createUSSDEventHandler({"do": do}, function)
WL.Server.setEventHandlers([
    WL.Server.createSMSEventHandler({}, lambda event: text(event["from"])),
    WL.Server.createEventHandler({"event": {"odd": 1}}, "echo"),
    by("echo", echo), by("echo", second), by("whole", whole), by("texting", "texting"), by("last", last), by("xml", xml),
    by("raising", raising), by("exiting", exiting), by("hanging", hanging), by("returning", returning), by("away", away),
    WL.Server.createUSSDEventHandler({"picky": picky}, echo),
    WL.Server.createUSSDEventHandler({"hang": hanging_filter}, echo),
    WL.Server.createUSSDEventHandler({"__wlpath": "/shop"}, path),
    WL.Server.createUSSDEventHandler({"__wlpath": "", "bare": "1"}, path),
    WL.Server.createUSSDEventHandler({"X-Gateway": "g1"}, second),
])
"""
FAILED = "This service cannot answer at the moment. Please try again later."
PROPERTIES = "smshost.ussd.limitSeconds=1\n"
Ask = Callable[..., HttpResponse]


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    write_adapter(tmp_path / "adapters", "a", CODE)
    write_adapter(
        tmp_path / "adapters",
        "b",
        "WL.Server.setEventHandlers([WL.Server.createUSSDEventHandler({'do': ['echo', 'b']}, lambda request: 'b')])",
    )
    with host_at_rest(tmp_path, PROPERTIES) as runtime:
        assert runtime.adapters.broken == ()
        yield runtime
        module(runtime).END.set()


def module(runtime: Runtime) -> Any:
    import sys  # noqa: PLC0415 - the adapter's own module, as it is now

    return sys.modules["smshost_adapters.a"]


@pytest.fixture
def ask(runtime: Runtime) -> Ask:
    def ask(query: str, path: str = "/ussd", body: bytes = b"", **headers: str) -> HttpResponse:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        request = HttpRequest("GET", "http://h/", given, body, path, query.encode(), "127.0.0.1")
        return answer(runtime, request)

    return ask


def texts(runtime: Runtime) -> int:
    outbox = metadata.tables["outbox"]
    with runtime.store.read() as connection:
        return connection.execute(select(func.count()).select_from(outbox)).scalar_one()


@pytest.mark.parametrize(
    ("query", "path", "said"),
    [
        ("do=echo&text=hi", "/ussd", "hi"),  # the first of three that match
        ("do=b", "/ussd", "b"),
        ("do=last", "/ussd", "bye"),
        ("", "/ussd/shop", "by path None"),
        ("__wlpath=x", "/ussd/shop", "by path x"),
        ("bare=1", "/ussd", "by path None"),
        ("do=echo&text=%00%ff", "/ussd/any/where", "\N{REPLACEMENT CHARACTER}" * 2),
    ],
)
def test_the_first_handler_whose_filter_passes_answers(ask: Ask, query: str, path: str, said: str) -> None:
    kind = {"Content-Type": "text/plain; charset=UTF-8", "Cache-Control": "no-store"}
    assert ask(query, path) == HttpResponse(200, kind, said.encode())


@pytest.mark.parametrize(
    ("query", "path"),
    [("", "/ussd"), ("DO=echo", "/ussd"), ("do=Echo", "/ussd"), ("__wlpath=/shop", "/ussd"), ("bare=1", "/ussd/x"),
     ("", "/ussd/shop/"), ("", "/ussd/shop/x"), ("X-Gateway=g2", "/ussd")],
)  # fmt: skip
def test_without_a_match_it_is_404(ask: Ask, query: str, path: str) -> None:
    assert (ask(query, path).status, ask(query, path).body) == (404, b"Not Found")


def test_a_filter_finds_headers_in_any_case(ask: Ask) -> None:
    assert ask("", x_gateway="g1").body == b"second"


def test_the_handler_is_given_parameters_headers_and_body(ask: Ask) -> None:
    form = "application/x-www-form-urlencoded"
    assert ask("do=whole&x=1", body=b"x=2&y=3", content_type=form).text == repr(
        ({"do": "whole", "x": "1", "y": "3"}, {"content-type": form}, "x=2&y=3", ["1", "2"])
    )
    xml = "text/xml; charset=ISO-8859-1"
    assert ask("do=whole", body=b"<a>\xe9</a>", content_type=xml).text == repr(
        ({"do": "whole"}, {"content-type": xml}, "<a>é</a>", [])
    )


@pytest.mark.parametrize("charset", ["none", "base64", "punycode", "idna", "undefined", "\x00", '"', "utf-8;" * 50])
def test_a_charset_that_is_none_is_read_as_utf_8(ask: Ask, charset: str) -> None:
    answered = ask("do=whole", body="é".encode() + b"\xff\0", content_type=f"text/plain; charset={charset}")
    assert "'é\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}'" in answered.text


def test_another_charset_may_be_answered(ask: Ask) -> None:
    answered = ask("do=xml")
    assert (answered.headers["Content-Type"], answered.body) == ("text/xml; charset=ISO-8859-1", b"<a>\xe9</a>")


def test_what_it_did_is_committed_before_the_answer(runtime: Runtime, ask: Ask) -> None:
    assert (ask("do=texting").text, texts(runtime)) == ("bye", 1)


@pytest.mark.parametrize(
    ("query", "handler_and_error"),
    [
        ("do=raising", ("a.raising", "ValueError: no menu")),
        ("do=exiting", ("a.exiting", "SystemExit: 1")),
        ("picky=1", ("a.echo#2", "ValueError: picky")),
        ("do=returning&value=None", ("a.returning", "a.returning returned None: a USSD handler returns what createUSSD")),
        ("do=returning&value=b'x'", ("a.returning", "a.returning returned b'x'")),
        ("do=returning&value={}", ("a.returning", "the content of a USSD response is a string, not None")),
        ("do=returning&value={'content':5.5}", ("a.returning", "the content of a USSD response is a string, not 5")),
        ("do=returning&value={'content':'x','isLastMsg':'yes'}", ("a.returning", "isLastMsg of a USSD response is true or")),
        ("do=returning&value={'content':'x','contentType':5}", ("a.returning", "the contentType of a USSD response is a")),
        ("do=returning&value={'content':'x','contentType':'a/b\\r\\nX: 1'}", ("a.returning", "contentType is a media type")),
        ("do=returning&value=WL.Server.createUSSDResponse(5.5)", ("a.returning", "the content of a USSD response is a string")),
        ("do=returning&value=WL.Server.createUSSDResponse('x','plain')", ("a.returning", "contentType is a media type")),
        ("do=returning&value=WL.Server.createUSSDResponse('x',None,1)", ("a.returning", "isLastMsg of a USSD response is")),
    ],
)  # fmt: skip
def test_a_handler_that_fails_says_the_failure_text_and_did_nothing(
    runtime: Runtime, ask: Ask, caplog: pytest.LogCaptureFixture, query: str, handler_and_error: tuple[str, str]
) -> None:
    handler, error = handler_and_error
    assert (ask(query).text, texts(runtime)) == (FAILED, 0)
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.getMessage().startswith(f"ussd : {handler} failed after ")
    assert error in record.getMessage()


def test_a_lone_surrogate_is_shown_as_one_that_is_missing(ask: Ask) -> None:
    assert ask("do=returning&value='a\\ud800'").text == "a\N{REPLACEMENT CHARACTER}"


def test_a_store_that_is_away_is_no_answer(ask: Ask) -> None:
    with pytest.raises(StoreUnavailable):
        ask("do=away")


def test_broken_parameters_are_told(ask: Ask) -> None:
    with pytest.raises(BadCallback, match="1001 parameters: at most 1000 are accepted"):
        ask("&".join(f"p{number}=1" for number in range(1001)))
    assert ask("do=echo&text=x&" + "&".join(f"p{number}=1" for number in range(998))).text == "x"


def test_what_a_late_handler_did_never_counts(runtime: Runtime, ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert ask("do=hanging").text == FAILED
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    said = r"ussd : a\.hanging has been running for \d\.\d s, longer than smshost\.ussd\.limitSeconds \(1\)"
    assert re.fullmatch(said, record.getMessage())
    module(runtime).END.set()
    wait_for(lambda: "what it did does not count" in caplog.text, "the late handler to end")
    assert (texts(runtime), ask("do=echo&text=x").text) == (0, "x")
    runtime.store.stop()
    with runtime.store.read() as connection:
        assert [(row.adapter, row.overruns) for row in health.read(connection)] == [("a", 1)]


def test_a_filter_that_hangs_is_late_too(ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    assert ask("hang=1").text == FAILED
    assert "ussd : a filter has been running for " in caplog.text


def test_with_all_threads_hung_everybody_hears_it_at_once(
    runtime: Runtime, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    threads = [threading.Thread(target=ask, args=("do=hanging",)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert ask("do=echo&text=x").text == FAILED
    assert "no thread came free for its handler: others hang" in caplog.text
    module(runtime).END.set()
    wait_for(lambda: ask("do=echo&text=x").text == "x", "a thread to come free")


def test_an_adapter_that_hangs_leaves_threads_to_others(
    runtime: Runtime, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    threads = [threading.Thread(target=ask, args=("do=hanging",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    caplog.clear()
    assert [ask("do=hanging").text for _ in range(10)] == [FAILED] * 10
    assert caplog.text.count("8 calls of adapter a hang: it gets no more threads until one of them ends") == 10
    assert ask("do=b").text == "b"
    module(runtime).END.set()
    wait_for(lambda: ask("do=echo&text=x").text == "x", "a thread to come free")


def test_one_list_holds_handlers_of_every_kind(runtime: Runtime) -> None:
    a = runtime.adapters.by_name["a"]
    assert [len(some) for some in (a.handlers, a.ussd_handlers, a.unfired)] == [1, 16, 1]
    assert ([each.id for each in a.ussd_handlers][:3], a.unfired) == (["a.echo", "a.second", "a.whole"], ("a.echo",))


BROKEN = [
    ("WL.Server.createUSSDEventHandler({'a': 'b'})",
     "WLError: createUSSDEventHandler was called without a handler: its arguments are (filter, handler). Is its closing "
     "bracket right behind the filter?"),
    ("WL.Server.createUSSDEventHandler({}, 5)", "WLError: createUSSDEventHandler's handler is a function, not 5"),
    ("WL.Server.createUSSDEventHandler(5, print)",
     "WLError: createUSSDEventHandler: a filter is an object of parameter names and values, not int"),
    ("WL.Server.setEventHandlers([WL.Server.createUSSDEventHandler({}, 'nobody')])",
     "WLError: createUSSDEventHandler: the adapter has no function 'nobody'"),
    ("WL.Server.setEventHandlers([WL.Server.createEventHandler({}, 'nobody')])",
     "WLError: createEventHandler: the adapter has no function 'nobody'"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "error"), BROKEN)
def test_a_mistake_is_told_at_its_line(tmp_path: Path, code: str, error: str) -> None:
    path = write_adapter(tmp_path, "a", code)
    (broken,) = load_adapters(tmp_path, Surroundings({}, ("web",))).broken
    assert str(broken) == f"{path / '__init__.py'}:2: {error}"


def test_handlers_that_are_never_called_are_named_once_as_it_starts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "adapters" / "a"
    folder.mkdir(parents=True)
    code = "def located(event): pass\nWL.Server.setEventHandlers([WL.Server.createEventHandler({}, located)])\n"
    (folder / "__init__.py").write_text(HEAD + code)
    app = create_app(Options(REPOSITORY / "config", tmp_path / "adapters", f"sqlite:///{tmp_path}/host.db"))
    stop(app.extensions["smshost"])
    said = [record.getMessage() for record in caplog.records if "createEventHandler" in record.getMessage()]
    assert said == ["a.located: never called, this host has no events but texts and USSD (createEventHandler)"]
