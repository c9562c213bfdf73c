// Phones come, are found, and go.
var NEWS = "subscriptions.news";

WL.Server.createEventSource({name: "news"});
WL.Server.setEventHandlers([
  WL.Server.createSMSEventHandler({keyword: "sub"}, sub, "web"),
  WL.Server.createSMSEventHandler({keyword: "unsub"}, unsub, "web"),
  WL.Server.createSMSEventHandler({keyword: "find"}, find, "web")
]);

function sub(event) {
  var found = WL.Server.getSMSSubscription(NEWS, event.from);
  var made = WL.Server.subscribeSMS(NEWS, event.from, "web");
  WL.Logger.info([found === null, made]);
  say(made, found === null ? "welcome" : "welcome back");
}

function unsub(event) {
  var found = WL.Server.getSMSSubscription(NEWS, event.from);
  if (found != null) say(found, "goodbye");
  WL.Server.unsubscribeSMS(NEWS, event.from);
  WL.Logger.info(WL.Server.getSMSSubscription(NEWS, event.from));
}

function find(event) {
  var found = WL.Server.getSMSSubscription(NEWS, event.from);
  if (found == null) WL.Logger.warn("a stranger: " + event.from);
  else say(found, [found.eventSource, found.userId, found.phoneNumber, found.gatewayId, found.token, found.platform].join(" "));
}

function say(device, text) {
  WL.Logger.debug(WL.Server.notifyDeviceSubscription(device, WL.Server.createDefaultNotification(text)));
}

function look(phone) {
  var found = WL.Server.getSMSSubscription(NEWS, phone);
  return {found: found && found.phoneNumber};
}
