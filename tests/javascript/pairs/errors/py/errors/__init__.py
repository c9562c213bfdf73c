"""Everything that the host refuses: the error is the same, caught or not, and nothing of the call counts."""

from host.wl import WL, WLError

CASES = [
    lambda: WL.Server.getSMSSubscription("nobody.news", "+1"),
    lambda: WL.Server.subscribeSMS("errors.news", "+15550001", "nowhere"),
    lambda: WL.Server.subscribeSMS("errors.news", "no number", "web"),
    lambda: WL.Server.subscribeSMS("errors.news", "", "web"),
    lambda: WL.Server.subscribeSMS("errors.news", "+15550001", None),
    lambda: WL.Server.unsubscribeSMS("nobody.news", "+15550001"),
    lambda: WL.Server.getUserNotificationSubscription("nobody.news", "x"),
    lambda: WL.Server.createDefaultNotification(""),
    lambda: WL.Server.createDefaultNotification(True),
    lambda: WL.Server.notifyDeviceSubscription({}, {"SMS": {"text": "x"}}),
    lambda: WL.Server.notifyDeviceSubscription({"phoneNumber": "+1"}, {"SMS": {"text": "x"}}),
    lambda: WL.Server.notifyAllDevices({}, {"SMS": {"text": "x"}}),
    lambda: WL.Server.notifyEventSource("nobody.news", {"SMS": {"text": "x"}}),
    lambda: WL.Server.notifyEventSource("errors.news", {"SMS": {}}),
    lambda: WL.Server.notifyEventSource("errors.news", "words"),
    lambda: WL.Server.notifyEventSource("errors.news", {"SMS": {"text": "x"}}, 5),
    lambda: WL.Server.createEventSource({"name": "late"}),
    lambda: WL.Server.setEventHandlers([]),
    lambda: WL.Server.createSMSEventHandler({}, "x"),
    lambda: WL.Server.sendMessage("app", {}),
    lambda: WL.Server.notifyDevice({}, "+1", {"SMS": {"text": "x"}}),
    lambda: WL.Server.invokeProcedure({"adapter": "errors"}),
    lambda: WL.Server.frobnicate(1, 2),
    lambda: WL.Server.getActiveUser(None),
    lambda: WL.Server.subscribeSMS(5, 6, 7),
    lambda: WL.Server.invokeHttp({"method": "get", "path": "/"}),
    lambda: WL.Server.getSMSSubscription("errors.news", 5),
    lambda: WL.Server.invokeSQLStatement({"preparedStatement": "x", "parameters": []}),
]


def caught(number):
    try:
        return {"gave": CASES[int(number)]()}
    except WLError as error:
        return {"said": f"WLError: {error}"}


def uncaught(event):
    WL.Server.subscribeSMS("errors.news", event["from"], "web")
    CASES[int(event["text"])]()


def catches(event):
    device = WL.Server.subscribeSMS("errors.news", event["from"], "web")
    words = caught(1)["said"]
    WL.Server.notifyDeviceSubscription(device, WL.Server.createDefaultNotification(words))


WL.Server.createEventSource({"name": "news"})
WL.Server.setEventHandlers(
    [
        WL.Server.createSMSEventHandler({"text": ["0", "1"]}, uncaught),
        WL.Server.createSMSEventHandler({"text": "caught"}, catches),
    ]
)
