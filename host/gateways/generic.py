"""The gateway that ``SMSConfig.xml`` describes: a GET by URL template out, name/value parameters in.

IBM MobileFirst Platform 7.1, "Two-way SMS communication". Our extensions: ``method="POST"`` sends the same parameters
as a form, ``protocol="https"``, and ``idParamName`` where the gateway names its texts.
"""

from collections.abc import Sequence

from host.gateways.base import Conversation, Event, Gateway, judge, required
from host.gateways.template import Field, address, encode
from host.messages import Accepted, HttpRequest, Inbound, Part

_FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


class Generic(Gateway):
    """Any gateway that sends and takes plain name/value parameters."""

    def recognises(self, request: HttpRequest) -> bool:
        names = request.parameters
        return self.config.from_param in names and self.config.text_param in names

    def read(self, request: HttpRequest) -> Sequence[Event]:
        given = request.parameters
        sender = required(given.get(self.config.from_param, ""), self.config.from_param)
        if self.config.text_param not in given:
            required("", self.config.text_param)
        return [
            Inbound(
                sender=sender,
                text=given[self.config.text_param],
                receiver=given.get(self.config.to_param, ""),
                keyword=given.get("keyword", ""),
                gateway_message_id=given.spelled(self.config.id_param) or None,
                parameters=given.texts(),
                raw=None if given.lossless() else request.query + b"\n" + request.body,
            )
        ]

    def send(self, part: Part) -> Conversation:
        target = address(self.config)
        fields = encode(self.fields(part))
        if self.config.method == "POST":
            answer = yield HttpRequest("POST", target, _FORM, fields.encode())
        else:
            answer = yield HttpRequest("GET", f"{target}?{fields}")
        judge(answer)
        return Accepted()

    def fields(self, part: Part) -> list[Field]:
        """To, text, then the configured parameters in file order."""
        own = [(each.name, each.value, each.encode) for each in self.config.parameters]
        return [(self.config.to_param, part.receiver, True), (self.config.text_param, part.text, True), *own]
