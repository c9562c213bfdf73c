"""A simulated phone with SMSsync: what versions 2.7, 2.8 and 3.1 do by their source, with what is wrong in them.

It posts texts until they are taken, polls, sends over a radio that remembers everything, and brings results.
"""

import json
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

import requests

VERSIONS = ("2.7", "2.8", "3.1")
_AGENTS = {"2.7": "2.7.2", "2.8": "2.8.3", "3.1": "3.1.1"}
_KEYS = ("secret", "from", "message", "sent_timestamp", "sent_to", "message_id", "device_id")
_FAILED = "Failed to send SMS - Maybe insufficient air time on the phone."


@dataclass(frozen=True)
class Message:
    """A text to somebody, as the host handed it over."""

    to: str
    message: str
    uuid: str


@dataclass
class Phone:
    """`url`: the sync URL, perhaps with a query. `scheme`: form, json, xml or multipart. `results`: whether the Message
    Results API is on. `replies`: "Get Reply from Server". `out_of_credit`: receivers that texts do not reach.
    """

    url: str
    secret: str = ""
    version: str = "3.1"
    results: bool = True
    replies: bool = True
    scheme: str = "form"
    method: str = "POST"
    keys: Mapping[str, str] = field(default_factory=dict)
    auth: tuple[str, str] | None = None
    out_of_credit: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.pending: list[dict[str, str]] = []
        self.radio: list[Message] = []
        self.known: dict[str, bool] = {}  # the texts it was told to send, and whether they went out
        self._replied: list[Message] = []
        self._leaked = ""
        self._stale = b""
        self._clock = 1_767_268_800_000
        self._sending = threading.Lock()

    @property
    def is_3(self) -> bool:
        return self.version.startswith("3")

    def receive(self, sender: str, text: str) -> str:
        """A text arrives from the network; gives the id that the app makes for it."""
        self._clock += 1000
        values = (self.secret, sender, text, str(self._clock), "26161", str(uuid.uuid4()), "")
        self.pending.append(dict(zip(_KEYS, values, strict=True)))
        return self.pending[-1]["message_id"]

    def sync(self) -> bool:
        """Post what is pending, oldest first; gives whether all of it was taken. What was not stays on the phone."""
        while self.pending:
            if not self._post(self.pending[0]):
                return False
            self.pending.pop(0)
        return True

    def _post(self, text: Mapping[str, str]) -> bool:
        payload = self._taken(self._ask(self.method, "", *self._body(text)))
        if payload is None:
            if self.is_3:
                self._send(self._replied)  # the last answer's texts, once more
            return False
        self._replied = [Message(**each) for each in payload.get("messages") or []] if self.replies else []
        self._send(self._replied)
        return True

    def _taken(self, answer: requests.Response | None) -> dict[str, object] | None:
        """The payload of an answer that the app takes for success."""
        if answer is None or answer.status_code not in {200, 201}:
            return None
        try:
            payload = answer.json()["payload"]
        except (ValueError, KeyError, TypeError):
            return None
        success = payload.get("success")
        return payload if success is True or str(success).lower() == "true" else None

    def press_test(self) -> bool:
        """The button in the settings of a sync URL."""
        text = {"secret": self.secret, "from": "+000000000000", "message": "Test Message From SMSSync Integration"}
        answer = self._ask("POST", "", *self._body(text))
        return answer is not None and answer.status_code == 200 and "payload" in answer.json()

    def alert(self, level: int) -> bool:
        """The battery is low; 3.x sends what it has left of an earlier body."""
        if self.is_3:
            answer = self._ask("POST", f"?Task=alert&message=Battery%20level%20is%20at%20{level}", self._stale, "json")
        else:
            body = urlencode({"Task": "alert", "message": f"Battery level is at {level}"}).encode()
            answer = self._ask("POST", "", body, "form")
        return answer is not None and answer.status_code == 200

    def poll(self) -> list[Message]:
        """Fetch texts and send those it may; gives what it sent."""
        return self.confirm(self.fetch())

    def fetch(self) -> list[Message]:
        """What the host hands over; nothing is sent yet."""
        answer = self._ask("GET", f"?task=send{self._own_secret()}{self._leak()}")
        if answer is None:
            return []
        try:
            payload = answer.json()["payload"]
            if payload["task"] != "send" or (self.secret and payload["secret"] != self.secret):
                return []
            return [Message(each["to"], each["message"], each["uuid"]) for each in payload["messages"]]
        except (ValueError, KeyError, TypeError):
            return []

    def confirm(self, fetched: Sequence[Message]) -> list[Message]:
        """With the Message Results API, ask which of them to send; without, send them all."""
        if not self.results:
            return self._send(fetched)
        if not fetched:
            return []
        body = json.dumps({"queued_messages": [each.uuid for each in fetched]}).encode()
        listed = self._listed(self._ask("POST", "?task=sent", body, "json"))
        sent = self._send([each for each in fetched if each.uuid in listed])
        self.known.update((each.uuid, each.to not in self.out_of_credit) for each in sent)
        return sent

    def bring_results(self) -> int:
        """Ask whose results are wanted, and bring them; gives how many."""
        wanted = self._listed(self._ask("GET", f"?task=result{self._own_secret()}{self._leak()}"))
        found = [each for each in wanted if each in self.known and not (self.is_3 and self.known[each])]
        if self.is_3 and not wanted:
            return 0
        results = json.dumps([self._result(each, self.known[each]) for each in found])
        body = json.dumps({"message_result": results}).encode()
        answer = self._ask("POST", f"?task=result{self._own_secret()}", body, "json")
        return len(found) if answer is not None and answer.status_code == 200 else 0

    def _result(self, name: str, sent: bool) -> dict[str, object]:
        words = "SMS sent" if sent else _FAILED
        if self.is_3:
            return {"uuid": name, "sent_result_code": 0, "sent_result_message": words, "sent_timestamp": "1.1.26 12:00"}
        codes = {"sent_result_code": -1 if sent else 1, "delivered_result_code": -1 if sent else 0}
        delivered = "SMS delivered" if sent else ""
        return {"uuid": name, **codes, "sent_result_message": words, "delivered_result_message": delivered}

    def _send(self, messages: Sequence[Message]) -> list[Message]:
        with self._sending:
            self.radio.extend(messages)
        return list(messages)

    def _listed(self, answer: requests.Response | None) -> list[str]:
        if answer is None or answer.status_code != 200:
            return []
        try:
            return list(answer.json()["message_uuids"])
        except (ValueError, KeyError, TypeError):
            return []

    def _own_secret(self) -> str:
        return f"&secret={quote(self.secret)}" if self.secret else ""

    def _leak(self) -> str:
        """3.x leaves parameters of an earlier call in the address, behind a second question mark."""
        return f"?{self._leaked}" if self.is_3 and self._leaked else ""

    def _body(self, text: Mapping[str, str]) -> tuple[bytes, str]:
        named = {self.keys.get(key, key): value for key, value in text.items()}
        self._leaked = urlencode(named)
        body, kind = _BODIES[self.scheme](named)
        self._stale = body
        return body, kind

    def _ask(self, method: str, more: str, body: bytes = b"", kind: str = "") -> requests.Response | None:
        """Ask; None where the host is away. What is appended to the URL is so whatever is in it."""
        headers = {"User-Agent": f"SMSSync-Android/v{_AGENTS[self.version]}"}
        if kind:
            headers["Content-Type"] = self._type(kind)
        try:
            return requests.request(
                method, self.url + more, data=body, headers=headers, auth=self.auth, timeout=30, allow_redirects=False
            )
        except requests.RequestException:
            return None

    def _type(self, kind: str) -> str:
        if kind == "json" and self.version == "2.7":
            return "text/plain; charset=UTF-8"
        if kind == "xml" and self.is_3:
            return "application/json; charset=utf-8"
        return _TYPES[kind]


_TYPES = {
    "form": "application/x-www-form-urlencoded",
    "json": "application/json",
    "xml": "application/xml",
    "multipart": "multipart/form-data; boundary=-x-",
}


def _xml(values: Mapping[str, str]) -> bytes:
    escaped = {name: value.replace("&", "&amp;").replace("<", "&lt;") for name, value in values.items()}
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in escaped.items())
    return f"<?xml version='1.0' encoding='UTF-8' standalone='yes' ?><payload>{inner}</payload>".encode()


def _multipart(values: Mapping[str, str]) -> bytes:
    parts = (f'---x-\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{values[name]}\r\n' for name in values)
    return ("".join(parts) + "---x---\r\n").encode()


_BODIES: dict[str, Callable[[Mapping[str, str]], tuple[bytes, str]]] = {
    "form": lambda values: (urlencode(values).encode(), "form"),
    "json": lambda values: (json.dumps(values).encode(), "json"),
    "xml": lambda values: (_xml(values), "xml"),
    "multipart": lambda values: (_multipart(values), "multipart"),
}
