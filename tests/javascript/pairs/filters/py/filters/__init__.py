"""Which texts pass: several names, spelling, lists, gateways."""

from host.wl import WL


def handler(name):
    def called(event):
        WL.Logger.info([name, event["gateway"], event["keyword"], event["text"], event.get("shop")])

    called.__name__ = name
    return called


WL.Server.setEventHandlers(
    [
        WL.Server.createSMSEventHandler({"keyword": "One"}, handler("one")),
        WL.Server.createSMSEventHandler({"keyword": "two", "shop": "books"}, handler("two"), "web"),
        WL.Server.createSMSEventHandler({"shop": "books"}, handler("books"), "web"),
        WL.Server.createSMSEventHandler({"keyword": ["red", "BLUE"]}, handler("colours"), "*"),
        WL.Server.createSMSEventHandler({"text": "green"}, handler("exact")),
        WL.Server.createSMSEventHandler({"keyword": "straße"}, handler("sharp")),
        WL.Server.createSMSEventHandler({"toString": "1"}, handler("odd")),
        WL.Server.createSMSEventHandler({}, handler("other"), "other"),
    ]
)
