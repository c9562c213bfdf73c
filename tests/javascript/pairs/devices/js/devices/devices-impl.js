// A user's phones: all of them, one of them, and those that a message names.
var LIST = "devices.list";

function sub(event) { WL.Server.subscribeSMS(LIST, event.from, "web"); }

function everyone(event) {
  var user = WL.Server.getUserNotificationSubscription(LIST, event.from);
  if (user == null) {
    WL.Logger.warn("nobody");
    return;
  }
  WL.Logger.info([WL.Server.notifyAllDevices(user, text("to all")), user.getDeviceSubscriptions()]);
}

function one(event) {
  var user = WL.Server.getUserNotificationSubscription(LIST, event.from);
  var token = user.getDeviceSubscriptions()[0].token;
  WL.Logger.info([token, WL.Server.notifyDevice(user, token, text("to one"))]);
}

function wrong(event) {
  var user = WL.Server.getUserNotificationSubscription(LIST, event.from);
  WL.Logger.info(WL.Server.notifyDevice(user, "+15559999", text("to none")));
}

function message(event) {
  var sent = {message: {alert: "a message"}, target: {deviceIds: ["+15550001", "+15550002", "+15559999"]}};
  WL.Logger.info(WL.Server.sendMessage("app", sent));
  WL.Logger.info(WL.Server.sendMessage("app", {message: {alert: "for users"}, target: {userIds: [event.from]}}));
}

function odd(event) {
  WL.Server.sendMessage("app", {message: {alert: "a message"}, target: {tagNames: ["x"]}});
}

function hand(event) {
  var device = WL.Server.getSMSSubscription(LIST, event.from);
  WL.Server.submitNotification(device, {SMS: {text: "by hand"}});
  WL.Server.notifyDeviceSubscription(device, {alert: "the old form"});
  var notification = text("first words");
  notification.SMS.text = "other words " + new Array(201).join("x");
  notification.MPNS.toast = {};
  WL.Server.notifyDeviceSubscription(device, notification);
}

function text(words) { return WL.Server.createDefaultNotification(words, 1, {a: 1}); }

WL.Server.createEventSource({name: "list"});
WL.Server.setEventHandlers([
  WL.Server.createSMSEventHandler({keyword: "sub"}, sub, "web"),
  WL.Server.createSMSEventHandler({keyword: "all"}, everyone, "web"),
  WL.Server.createSMSEventHandler({keyword: "one"}, one, "web"),
  WL.Server.createSMSEventHandler({keyword: "wrong"}, wrong, "web"),
  WL.Server.createSMSEventHandler({keyword: "message"}, message, "web"),
  WL.Server.createSMSEventHandler({keyword: "odd"}, odd, "web"),
  WL.Server.createSMSEventHandler({keyword: "hand"}, hand, "web")
]);
