"""Procedures called from outside: the curl lines of the how-to are run, and what a procedure texts arrives."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import requests

from tests.databases import new_postgresql
from tests.hosts import CREDENTIAL, REPOSITORY, Host, gateway
from tests.sink import Sink
from tests.test_docs import code
from tests.web.shop import shop

PAGE = REPOSITORY / "docs" / "how-to" / "call-a-procedure.md"
EXAMPLE = re.compile(r"^```sh\n(.*?)^```\n\n```\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_curl_lines_of_the_how_to_answer_as_it_says(tmp_path: Path) -> None:
    manifest, access = code(PAGE, "xml")
    (properties,) = code(PAGE, "properties")
    shutil.copytree(REPOSITORY / "adapters" / "bookstore", tmp_path / "adapters" / "bookstore")
    (tmp_path / "adapters" / "bookstore" / "bookstore.xml").write_text(manifest)
    examples = EXAMPLE.findall(PAGE.read_text(encoding="utf-8"))
    with Host(tmp_path, gateway("web", 9), access, properties, adapters=tmp_path / "adapters") as host:
        answers = [(lines, _run(lines, host.port)) for lines, _ in examples]
        assert "INFO smshost.audit: bookstore.sendSMS user='shop' realm='BackEnd' peer=127.0.0.1 " in host.program.log
        assert host.run("check").output == "no problems\n"
    assert answers == examples
    assert len(examples) == 7


def _run(lines: str, port: int) -> str:
    command = lines.replace("127.0.0.1:8080", f"127.0.0.1:{port}")
    ended = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=30, check=True)
    return ended.stdout if ended.stdout.endswith("\n") else f"{ended.stdout}\n"


@pytest.mark.postgres
def test_what_a_procedure_texts_is_delivered_by_the_worker(tmp_path: Path) -> None:
    with new_postgresql(f"calls_{tmp_path.name}") as url, Sink() as sink, shop(tmp_path, sink.port, "", url) as host:
        for number in range(20):
            answer = requests.get(
                f"{host.url}/context/adapters/shop/text",
                params={"params": json.dumps([f"+1555000{number:02}", f"text {number}"])},
                auth=CREDENTIAL,
                timeout=30,
            )
            assert (answer.status_code, answer.json()) == (200, {"isSuccessful": True})
        taken = sink.wait_for(20, 30)
        assert sorted((each.to, each.text) for each in taken) == [(f"+1555000{n:02}", f"text {n}") for n in range(20)]
