// Announcements to all, each once where it has a key.
var OFFERS = "broadcasts.offers";

function sub(event) { WL.Server.subscribeSMS(OFFERS, event.from, event.gateway); }

function daily() {
  WL.Server.notifyEventSource(OFFERS, WL.Server.createDefaultNotification("the daily offer"), "daily");
}

function shout(event) {
  WL.Logger.info(WL.Server.notifyEventSource(OFFERS, WL.Server.createDefaultNotification("to all"), null));
}

function mixed(event) {
  var device = WL.Server.getSMSSubscription(OFFERS, event.from);
  announce("first");
  WL.Server.notifyDeviceSubscription(device, WL.Server.createDefaultNotification("second"));
  announce("third", "key");
  announce("third again", "key");
}

function announce(text, key, source) {
  return {wait: WL.Server.notifyEventSource(source || OFFERS, {SMS: {text: text}}, key)};
}

WL.Server.createEventSource({name: "offers", poll: {interval: 3600, onPoll: "daily"}});
WL.Server.setEventHandlers([sub, shout, mixed].map(function (each) {
  return WL.Server.createSMSEventHandler({keyword: each.name}, each);
}));
