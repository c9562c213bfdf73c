"""The keeper of worker processes outlives a system that has no room for one."""

import sys

import pytest

from host.workers import Workers
from tests.programs import wait_for


def test_where_no_process_can_be_started_it_is_tried_again(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with Workers(1):
        wait_for(lambda: caplog.text.count("no worker process can be started, it is tried again") >= 2, "two tries")
