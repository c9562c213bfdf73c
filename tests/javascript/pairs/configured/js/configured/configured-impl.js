// What worklight.properties says decides what the adapter listens to and says.
var CONFIGURATION = WL.Server.configuration;

function join(event) {
  var device = WL.Server.subscribeSMS("configured.list", event.from, CONFIGURATION["my.gateway"]);
  WL.Server.notifyDeviceSubscription(device, WL.Server.createDefaultNotification(WL.Server.configuration["my.words"]));
}

function read(key) {
  var value = WL.Server.configuration[key];
  return {value: value === undefined ? null : value, known: key in WL.Server.configuration};
}

function count() {
  var count = 0;
  for (var key in WL.Server.configuration) if (key.indexOf("my.") === 0) count++;
  return {count: count};
}

WL.Server.createEventSource({name: "list"});
WL.Server.setEventHandlers([
  WL.Server.createSMSEventHandler({keyword: CONFIGURATION["my.word"]}, join, CONFIGURATION["my.gateway"])
]);
