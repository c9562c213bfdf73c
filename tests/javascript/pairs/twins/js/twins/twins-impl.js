// Several handlers of one text, of which some raise: the others count, and are not repeated.
var PLACE = "twins.place", seen = {};

function good(event) { say(event, "good"); }

function bad(event) {
  say(event, "never said");
  throw new Error("no " + event.text);
}

function twin(event) { say(event, "twin"); }

function once(event) {
  say(event, "once");
  seen[event.from] = (seen[event.from] || 0) + 1;
  if (seen[event.from] === 1) throw new Error("the first time");
}

function say(event, text) {
  var device = WL.Server.subscribeSMS(PLACE, event.from, "web");
  WL.Server.notifyDeviceSubscription(device, WL.Server.createDefaultNotification(text));
}

WL.Server.createEventSource({name: "place"});
WL.Server.setEventHandlers([
  WL.Server.createSMSEventHandler({keyword: "hello"}, "bad"),
  WL.Server.createSMSEventHandler({keyword: "hello"}, good),
  WL.Server.createSMSEventHandler({keyword: "hello"}, twin),
  WL.Server.createSMSEventHandler({keyword: "hello"}, "twin"),
  WL.Server.createSMSEventHandler({keyword: "once"}, once),
  WL.Server.createSMSEventHandler({keyword: "once"}, good)
]);
