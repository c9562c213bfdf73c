// What an event source is told, and what its callbacks do in the same call.
var CLUB = "callbacks.club";

WL.Server.createEventSource({
  name: "club",
  onUserSubscribe: "came",
  onUserUnsubscribe: went,
  onDeviceSubscribe: device,
  onDeviceUnsubscribe: "left"
});
WL.Server.setEventHandlers([sub, unsub, move].map(function (each) {
  return WL.Server.createSMSEventHandler({keyword: each.name}, each, "web");
}));

function sub(event) { enrol(event.from); }

function unsub(event) { WL.Server.unsubscribeSMS(CLUB, event.from); }

function move(event) {
  WL.Server.unsubscribeSMS(CLUB, event.from);
  WL.Server.subscribeSMS(CLUB, event.from, "other");
}

function enrol(phone) {
  WL.Server.subscribeSMS(CLUB, phone, "web");
  return {phone: phone};
}

function leave(phone) { WL.Server.unsubscribeSMS(CLUB, phone); }

function came(user) {
  WL.Logger.info(["came", user.userId, user.state]);
  user.state.greeted = true;
  user.save();
  if (user.userId === "+15550666") throw new Error("not this one");
}

function went(user) { WL.Logger.info(["went", user.userId, user.state, user.getDeviceSubscriptions().length]); }

function device(user, phone) {
  WL.Logger.info(["device", user.userId, user.state, phone]);
  WL.Server.notifyDeviceSubscription(phone, WL.Server.createDefaultNotification("hello " + phone.phoneNumber));
}

function left(user, phone) {
  WL.Logger.info(["left", user.userId, phone.gatewayId, user.getDeviceSubscriptions().length]);
}
