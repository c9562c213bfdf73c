"""WL.Server's methods of USSD, and of events that this host does not have."""

import pytest

from host.messages import HttpRequest
from host.ussd import answer
from tests.wl.speaking import Said, Speak

HANDLER = 'WL.Server.setEventHandlers([WL.Server.createUSSDEventHandler({"do": "menu"}, "menu")])'


def asked(query: bytes) -> HttpRequest:
    return HttpRequest("GET", "http://host/context/ussd", path="/ussd", query=query)


def test_createUSSDEventHandler(speak: Speak) -> None:
    it = speak(HANDLER, menu='WL.Server.createUSSDResponse(x.params["text"] + "!")')
    heard = answer(it.runtime, asked(b"do=menu&text=hello"))
    headers = {name.lower(): value for name, value in heard.headers.items()}
    assert (heard.status, heard.body, headers["content-type"]) == (200, b"hello!", "text/plain; charset=UTF-8")
    assert answer(it.runtime, asked(b"do=other")).status == 404


def test_createUSSDResponse(speak: Speak) -> None:
    said = [
        'a = WL.Server.createUSSDResponse("one")',
        'b = WL.Server.createUSSDResponse("two", "text/xml", true)',
        "[a.content, a.contentType, a.isLastMsg, b.content, b.contentType, b.isLastMsg]",
    ]
    default = "text/plain; charset=UTF-8"
    assert speak(make=said).call("make") == ["one", default, False, "two", "text/xml", True]


def test_createUSSDResponse_of_what_is_no_text(speak: Speak) -> None:
    with pytest.raises(Said, match=r"the content of a USSD response is a string, not 5\.5"):
        speak(make="WL.Server.createUSSDResponse(5.5)").call("make")


def test_createEventHandler_is_accepted_and_never_called(speak: Speak) -> None:
    it = speak('WL.Server.setEventHandlers([WL.Server.createEventHandler({"event": "x"}, "menu")])', menu='"called"')
    assert it.runtime.adapters.by_name["a"].unfired == ("a.menu",)
    assert it.runtime.adapters.handlers_for({"event": "x"}, "web") == []
