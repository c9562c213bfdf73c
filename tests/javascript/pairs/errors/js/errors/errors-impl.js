// Everything that the host refuses: the error is the same, caught or not, and nothing of the call counts.
var CASES = [
  function () { return WL.Server.getSMSSubscription("nobody.news", "+1"); },
  function () { return WL.Server.subscribeSMS("errors.news", "+15550001", "nowhere"); },
  function () { return WL.Server.subscribeSMS("errors.news", "no number", "web"); },
  function () { return WL.Server.subscribeSMS("errors.news", "", "web"); },
  function () { return WL.Server.subscribeSMS("errors.news", "+15550001"); },
  function () { return WL.Server.unsubscribeSMS("nobody.news", "+15550001"); },
  function () { return WL.Server.getUserNotificationSubscription("nobody.news", "x"); },
  function () { return WL.Server.createDefaultNotification(""); },
  function () { return WL.Server.createDefaultNotification(true); },
  function () { return WL.Server.notifyDeviceSubscription({}, {"SMS": {"text": "x"}}); },
  function () { return WL.Server.notifyDeviceSubscription({"phoneNumber": "+1"}, {"SMS": {"text": "x"}}); },
  function () { return WL.Server.notifyAllDevices({}, {"SMS": {"text": "x"}}); },
  function () { return WL.Server.notifyEventSource("nobody.news", {"SMS": {"text": "x"}}); },
  function () { return WL.Server.notifyEventSource("errors.news", {"SMS": {}}); },
  function () { return WL.Server.notifyEventSource("errors.news", "words"); },
  function () { return WL.Server.notifyEventSource("errors.news", {"SMS": {"text": "x"}}, 5); },
  function () { return WL.Server.createEventSource({"name": "late"}); },
  function () { return WL.Server.setEventHandlers([]); },
  function () { return WL.Server.createSMSEventHandler({}, "x"); },
  function () { return WL.Server.sendMessage("app", {}); },
  function () { return WL.Server.notifyDevice({}, "+1", {"SMS": {"text": "x"}}); },
  function () { return WL.Server.invokeProcedure({"adapter": "errors"}); },
  function () { return WL.Server.frobnicate(1, 2); },
  function () { return WL.Server.getActiveUser(null); },
  function () { return WL.Server.subscribeSMS(5, 6, 7); },
  function () { return WL.Server.invokeHttp({"method": "get", "path": "/"}); },
  function () { return WL.Server.getSMSSubscription("errors.news", 5); },
  function () { return WL.Server.invokeSQLStatement({"preparedStatement": "x", "parameters": []}); }
];

function caught(number) {
  try {
    return {gave: CASES[number]()};
  } catch (error) {
    return {said: String(error)};
  }
}

function uncaught(event) {
  WL.Server.subscribeSMS("errors.news", event.from, "web");
  CASES[event.text]();
}

function catches(event) {
  var device = WL.Server.subscribeSMS("errors.news", event.from, "web");
  var words = caught(1).said;
  WL.Server.notifyDeviceSubscription(device, WL.Server.createDefaultNotification(words));
}

WL.Server.createEventSource({name: "news"});
WL.Server.setEventHandlers([
  WL.Server.createSMSEventHandler({text: ["0", "1"]}, uncaught),
  WL.Server.createSMSEventHandler({text: "caught"}, catches)
]);
