// Ending and beginning within one call: what it reads is what it did.
var A = "switching.a", B = "switching.b";

function sub(event) {
  WL.Server.subscribeSMS(A, event.from, "web");
  WL.Server.subscribeSMS(B, event.from, "other");
}

function switchOver(event) {
  WL.Server.unsubscribeSMS(A, event.from);
  WL.Logger.info(WL.Server.getSMSSubscription(A, event.from));
  var made = WL.Server.subscribeSMS(A, event.from, "other");
  WL.Logger.info([made, WL.Server.getSMSSubscription(A, event.from)]);
  WL.Server.notifyDeviceSubscription(made, WL.Server.createDefaultNotification("moved"));
}

function inside(event) {
  for (var i = 0; i < 3; i++) {
    WL.Server.unsubscribeSMS(B, event.from);
    WL.Server.subscribeSMS(B, event.from, "web");
  }
}

function twice(event) {
  var first = WL.Server.subscribeSMS(A, event.from, "web");
  var second = WL.Server.subscribeSMS(A, event.from, "other");
  WL.Logger.info(first.gatewayId === second.gatewayId);
}

function leave(event) {
  var device = WL.Server.getSMSSubscription(A, event.from);
  WL.Server.unsubscribeSMS(A, event.from);
  WL.Server.unsubscribeSMS(A, event.from);
  WL.Server.notifyDeviceSubscription(device, WL.Server.createDefaultNotification("a last word"));
}

function everything(event) {
  sub(event);
  var user = WL.Server.getUserNotificationSubscription(A, event.from);
  user.state.x = 1;
  user.save();
  WL.Server.unsubscribeSMS(A, event.from);
  WL.Logger.info([WL.Server.getUserNotificationSubscription(A, event.from), user.getDeviceSubscriptions()]);
  WL.Server.subscribeSMS(A, event.from, "web");
  WL.Logger.info(WL.Server.getUserNotificationSubscription(A, event.from).state);
}

["a", "b"].forEach(function (name) { WL.Server.createEventSource({name: name}); });
Object.defineProperty(switchOver, "name", {value: "switch"});
WL.Server.setEventHandlers([]);
WL.Server.setEventHandlers([sub, switchOver, inside, twice, leave, everything].map(function (each) {
  return WL.Server.createSMSEventHandler({keyword: each.name}, each, "web");
}));
