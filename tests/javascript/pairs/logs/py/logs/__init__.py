"""Whatever is given to the logger, at every level, and what has no effect but a line."""

from host.wl import WL

WL.Logger.info("loading")
WL.Server.createSQLStatement("SELECT 1")


def log(event):
    WL.Logger.info(event["text"])
    WL.Logger.info({"text": event["text"], "from": event["from"]})


def every():
    for write in (WL.Logger.debug, WL.Logger.info, WL.Logger.log, WL.Logger.warn, WL.Logger.error):
        for value in (
            "words",
            "",
            5,
            0.5,
            True,
            None,
            [],
            {},
            {"a": [1, {"b": None}]},
            ["x", ["y"]],
            "two\nlines",
            "é\u2028",
        ):
            write(value)


def unheard():
    WL.Server.logActivity("x")
    WL.Server.setApplicationContext({"a": 1})
    return {"context": WL.Server.getClientDeviceContext()}


WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({}, log)])
