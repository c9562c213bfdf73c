"""A reader asks by text whether a book is in stock: the adapter asks its back end, and answers what that said."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.backend import Backend, Reply
from tests.backends.asking import policy
from tests.hosts import Host, gateway
from tests.sink import Sink
from tests.wl.speaking import LANGUAGES, NEWS

HEAR = [
    's = WL.Server.subscribeSMS("a.news", x["from"], "web")',
    'r = WL.Server.invokeHttp({"method": "get", "path": "stock", "parameters": {"title": x["text"]}})',
    'words = r["stock"]["copies"] + " of " + r["stock"]["title"]',
    "WL.Server.notifyDeviceSubscription(s, WL.Server.createDefaultNotification(words))",
]
HANDLERS = 'WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({}, "hear", "web")])'


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_is_answered_with_what_the_back_end_said(tmp_path: Path, language: str) -> None:
    if language == "JavaScript" and find_spec("_quickjs") is None:
        pytest.skip("the extra js is not installed")
    folder = tmp_path / "adapters" / "a"
    folder.mkdir(parents=True)
    LANGUAGES[language](folder, (NEWS, HANDLERS), {"hear": HEAR})
    stock = Reply(b'<stock title="Dune"><copies>3</copies></stock>', "text/xml")
    with Backend(lambda _: stock) as backend, Sink() as sink:
        (folder / "a.xml").write_text(f'<adapter name="a">{policy(backend.port)}</adapter>')
        with Host(tmp_path, gateway("web", sink.port), adapters=folder.parent) as host:
            assert host.post(**{"from": "+15550001", "to": "1", "text": "Dune"}).status_code == 200
            sink.wait_for(1, deadline=20)
        assert [each.target for each in backend.asked] == ["/stock?title=Dune"]
    assert sink.accepted("+15550001") == ["3 of Dune"]
