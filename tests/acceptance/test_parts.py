"""Long texts in parts at a real host: durable one by one, joined across a kill, handed on without what does not come."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.adapters.folders import write_adapter
from tests.hosts import Host, gateway
from tests.programs import wait_for

VONAGE = (("api-key", "k"), ("api-secret", "s3cret-of-vonage"), ("from", "447700900001"))
NOTES = """
from pathlib import Path

def said(event):
    with Path("notes").open("a", encoding="utf-8") as file:
        print(event.text, event.keyword, event.get("missingParts", "-"), sep="|", file=file)

WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({}, said, "*")])
"""


@contextmanager
def waiting(tmp_path: Path, seconds: int) -> Iterator[Host]:
    """A host that waits so long for parts."""
    write_adapter(tmp_path / "adapters", "notes", NOTES)
    element = gateway("vonage", 9, *VONAGE, dialect="vonage", protocol="http", partsWait=str(seconds))
    with Host(tmp_path, element, adapters=tmp_path / "adapters") as host:
        yield host


def bring(host: Host, number: int, text: str, of: int = 3, reference: str = "7") -> int:
    part = {"concat": "true", "concat-ref": reference, "concat-part": str(number), "concat-total": str(of)}
    fields = {"msisdn": "15550100", "to": "447700900001", "text": text, "messageId": f"{reference}-{number}", **part}
    return host.post("/vonage", **fields).status_code


def notes(host: Host) -> list[str]:
    file = host.directory / "notes"
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def test_a_text_is_joined_across_a_kill_and_its_story_names_the_parts(tmp_path: Path) -> None:
    with waiting(tmp_path, 600) as host:
        assert [bring(host, 3, "drei", of=3), bring(host, 1, "eins ", of=3)] == [200, 200]
        host.kill()
        host.start()
        assert [bring(host, number, text) for number, text in ((1, "eins "), (2, "zwei "), (3, "drei"))] == [200] * 3
        wait_for(lambda: notes(host), "it to be handled")
        assert notes(host) == ["eins zwei drei|eins|-"]
        told = host.run("story", "in-1").output
        assert [line[25:] for line in told.splitlines() if "part " in line] == [
            "in-1: part 3 of 3 came as 7-3/3, 2 times",
            "in-1: part 1 of 3 came as 7-1/1, 2 times",
            "in-1: part 2 of 3 came as 7-2/2",
        ]


def test_what_lacks_a_part_is_handed_on_and_says_so(tmp_path: Path) -> None:
    with waiting(tmp_path, 2) as host:
        assert [bring(host, 3, "drei"), bring(host, 1, "eins ")] == [200, 200]
        assert "parts of long texts that wait for the rest: 2" in host.run("status").output.splitlines()
        wait_for(lambda: notes(host), "it to be handed on", 30)
        assert notes(host) == ["eins drei|eins|2"]
        assert "  part 2 of 3 has not come in time: handed on without it\n" in host.run("story", "in-1").output
