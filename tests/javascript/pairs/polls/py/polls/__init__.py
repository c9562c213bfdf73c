"""Polls: one that counts in a global, one that fails every second time and then leaves nothing."""

from host.wl import WL

runs = {"first": 0, "second": 0}


class Error(Exception):
    pass


def sub(event):
    WL.Server.subscribeSMS("polls.first", event["from"], "web")
    WL.Server.subscribeSMS("polls.second", event["from"], "web")


def first():
    runs["first"] += 1
    WL.Logger.info(runs)
    text = f"run {runs['first']}"
    WL.Server.notifyEventSource("polls.first", WL.Server.createDefaultNotification(text))
    return {"ignored": True}


def second():
    runs["second"] += 1
    WL.Server.notifyEventSource("polls.second", WL.Server.createDefaultNotification(f"try {runs['second']}"))
    if runs["second"] % 2:
        raise Error(f"run {runs['second']}")


WL.Server.createEventSource({"name": "first", "poll": {"interval": 60, "onPoll": first}})
WL.Server.createEventSource({"name": "second", "poll": {"interval": 0.5, "onPoll": "second"}})
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({}, sub)])
