"""The gateway that ``SMSConfig.xml`` describes: a GET by URL template out, name/value parameters in.

IBM MobileFirst Platform 7.1, "Two-way SMS communication". The rest is ours, and only where it is configured: other
methods, bodies, headers and credentials (:mod:`host.gateways.outgoing`), delivery reports, times, another answer.
docs/reference/dialects/generic.md
"""

from collections.abc import Iterable, Sequence

from host.config.smsconfig import GatewayConfig
from host.errors import Problem
from host.gateways import documents, heard, reporting, times
from host.gateways.base import Conversation, Event, Features, Gateway, Parameter, form_request, json_request, required
from host.gateways.incoming import has, value_of
from host.gateways.outgoing import HEADER, PARAMETERS, Outgoing, is_visible
from host.gateways.template import Field, address, encode
from host.messages import HttpRequest, HttpResponse, Inbound, Part, plain

REPORT = "report"


class Generic(Gateway):
    """Any gateway that can be spoken to by configuration."""

    name = "generic"
    paths = (REPORT,)
    features = Features(reports=True)
    parameters = (
        *PARAMETERS,
        *reporting.PARAMETERS,
        Parameter("report-when", "the name that tells reports from texts, where both come to one address"),
        Parameter("time-parameter", "the name of the time at which a text was sent"),
        Parameter("time-format", "how it is written: iso, epoch, epoch-ms, or as %Y-%m-%d %H:%M:%S", default="iso"),
        Parameter("answer-body", "the body of the answer to what came in"),
        Parameter("answer-type", "the type of that body", default="text/plain; charset=utf-8"),
    )

    def __init__(self, config: GatewayConfig) -> None:
        super().__init__(config)
        own = [(each.name, each.value) for each in config.parameters]
        self.outgoing = Outgoing(self.own, own, self.id)

    def recognises(self, request: HttpRequest) -> bool:
        return has(request, self.config.from_param) and has(request, self.config.text_param)

    def read(self, request: HttpRequest) -> Sequence[Event]:
        when = self.own["report-when"]
        if request.path.endswith(f"/{self.id}/{REPORT}") or (when and has(request, when)):
            return reporting.read_reports(request, self.own)
        return [self._text(request)]

    def _text(self, request: HttpRequest) -> Inbound:
        given = request.parameters
        sender = required(value_of(request, self.config.from_param), self.config.from_param)
        if not has(request, self.config.text_param):
            required("", self.config.text_param)
        name = self.config.id_param
        number = (given.spelled(name) or value_of(request, name)) if name else ""
        return Inbound(
            sender=sender,
            text=value_of(request, self.config.text_param),
            receiver=value_of(request, self.config.to_param),
            keyword=given.get("keyword", ""),
            gateway_message_id=number or None,
            sent_at=times.read(value_of(request, self.own["time-parameter"]), self.own["time-format"]),
            parameters=given.texts(),
            raw=None if given.lossless() else request.query + b"\n" + request.body,
        )

    def acknowledge(self, events: Sequence[Event]) -> HttpResponse:
        return plain(200, self.own["answer-body"], {"Content-Type": self.own["answer-type"]})

    def compose(self, text: Inbound, url: str) -> HttpRequest:
        config = self.config
        pairs = [(config.from_param, text.sender), (config.to_param, text.receiver), (config.text_param, text.text)]
        if config.id_param:
            pairs.append((config.id_param, text.gateway_message_id or ""))
        if not any("/" in name for name, _ in pairs):
            return form_request(url, dict(pairs))
        return json_request(url, documents.nested(pairs))

    def send(self, part: Part) -> Conversation:
        fields = encode(self.fields(part))
        answer = yield self.outgoing.request(self.config.method, address(self.config), fields, part)
        return heard.accepted(answer, self.own)

    def fields(self, part: Part) -> list[Field]:
        """To, text, then the configured parameters in file order; with a body template those that it has no place for.

        What a template leaves out of the text itself is not sent.
        """
        placed = self.outgoing.in_template
        own = [
            (each.name, each.value, each.encode)
            for each in self.config.parameters
            if each.name not in self.own and not each.name.startswith(HEADER) and each.name not in placed
        ]
        if self.own["body-template"]:
            return [*own, *self.outgoing.beside(part)]
        number = self.outgoing.number(part.receiver)
        text: list[Field] = [(self.config.to_param, number, True), (self.config.text_param, part.text, True)]
        return [*text, *own, *self.outgoing.beside(part)]

    def masked_names(self) -> set[str]:
        return super().masked_names() | ({self.own["callback-parameter"]} - {""})  # it may carry credentials

    def problems(self) -> Iterable[Problem]:
        yield from super().problems()
        method = self.config.method if "method" in self.config.given else ""
        for name, what in (*self.outgoing.problems(method), *reporting.twice(self.own)):
            yield self.problem(name, what)
        if not is_visible(self.own["answer-type"]):
            yield self.problem("answer-type", "cannot be a header: write visible ASCII")
