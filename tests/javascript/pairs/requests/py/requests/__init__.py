"""What a handler can learn of what came."""

from host.wl import WL


def hello(event):
    WL.Logger.info(dict(event))
    WL.Logger.info([event.all("x"), event.all("nothing"), event.all("from"), event.get("nothing")])
    looked(event["from"])


def called():
    return {"request": looked("nobody")}


def polled():
    looked("poll")


def looked(name):
    request = WL.Server.getClientRequest()
    if request is None:
        WL.Logger.info([name, None, WL.Server.getActiveUser()])
        return None
    seen = [
        sorted(request.getParameterNames()),
        request.getParameter("x"),
        request.getParameterValues("x"),
        request.getParameterValues("nothing"),
        request.getParameter("nothing"),
        request.getHeader("Accept"),
        list(request.getHeaderNames()),
        WL.Server.getActiveUser(),
    ]
    WL.Logger.info([name, seen])
    return seen


WL.Server.createEventSource({"name": "news", "poll": {"interval": 60, "onPoll": polled}})
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({}, hello)])
