// Procedures called by name: results, failures that leave nothing, calls within calls.
var PLACE = "procedures.place";

function ask(procedure, parameters, adapter) {
  return WL.Server.invokeProcedure({adapter: adapter || "helper", procedure: procedure, parameters: parameters});
}

function nested(depth) {
  if (depth === 0) return {depth: 0};
  return {depth: depth, inner: ask("callsBack", [depth - 1])};
}

function odd() { return WL.Server.invokeProcedure({procedure: "double"}); }

function both(event) {
  var device = WL.Server.subscribeSMS(PLACE, event.from, "web");
  var failed = ask("fails", ["+15557777"]);
  var text = failed.errors[0] + " / " + ask("double", [4]).result;
  WL.Server.notifyDeviceSubscription(device, WL.Server.createDefaultNotification(text));
}

function uncaught(event) {
  WL.Server.subscribeSMS(PLACE, event.from, "web");
  ask("hidden", []);
}

WL.Server.createEventSource({name: "place"});
WL.Server.setEventHandlers([both, uncaught].map(function (each) {
  return WL.Server.createSMSEventHandler({keyword: each.name}, each);
}));
