// Polls: one that counts in a global, one that fails every second time and then leaves nothing.
var runs = {first: 0, second: 0};

function sub(event) {
  WL.Server.subscribeSMS("polls.first", event.from, "web");
  WL.Server.subscribeSMS("polls.second", event.from, "web");
}

function first() {
  runs.first++;
  WL.Logger.info(runs);
  WL.Server.notifyEventSource("polls.first", WL.Server.createDefaultNotification("run " + runs.first));
  return {ignored: true};
}

function second() {
  runs.second++;
  WL.Server.notifyEventSource("polls.second", WL.Server.createDefaultNotification("try " + runs.second));
  if (runs.second % 2) throw new Error("run " + runs.second);
}

WL.Server.createEventSource({name: "first", poll: {interval: 60, onPoll: first}});
WL.Server.createEventSource({name: "second", poll: {interval: 0.5, onPoll: "second"}});
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({}, sub)]);
