"""The state of a user: kept when it is saved, and with the text that saved it."""

from host.wl import WL

GAME = "memory.game"


class Error(Exception):
    pass


def user(event):
    WL.Server.subscribeSMS(GAME, event["from"], "web")
    return WL.Server.getUserNotificationSubscription(GAME, event["from"])


def count(event):
    player = user(event)
    player.state["count"] = player.state.get("count", 0) + 1
    player.save()
    WL.Logger.info(WL.Server.getUserNotificationSubscription(GAME, event["from"]).state)


def forget(event):
    player = user(event)
    player.state["count"] = 100


def fail(event):
    player = user(event)
    player.state["count"] = 1000
    player.save()
    raise Error("after the save")


def note(event):
    player = user(event)
    player.state["notes"] = [event["text"], {"deep": [1, 2.5, None, True, ""]}]
    player.save()


def tell(event):
    player = WL.Server.getUserNotificationSubscription(GAME, event["from"])
    WL.Logger.info(
        None if player is None else [player.eventSource, player.userId, player.state, player.getDeviceSubscriptions()]
    )


def replace(event):
    player = user(event)
    player.state = {"new": {}}
    player.save()


def broken(event):
    player = user(event)
    player.state = ["a", "list"]
    player.save()


WL.Server.createEventSource({"name": "game"})
WL.Server.setEventHandlers(
    [
        WL.Server.createSMSEventHandler({"keyword": keyword}, function)
        for keyword, function in {
            "count": count,
            "forget": forget,
            "fail": fail,
            "note": note,
            "tell": tell,
            "replace": replace,
            "break": broken,
        }.items()
    ]
)
