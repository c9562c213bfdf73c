// The state of a user: kept when it is saved, and with the text that saved it.
var GAME = "memory.game";

function user(event) {
  WL.Server.subscribeSMS(GAME, event.from, "web");
  return WL.Server.getUserNotificationSubscription(GAME, event.from);
}

function count(event) {
  var player = user(event);
  player.state.count = (player.state.count || 0) + 1;
  player.save();
  WL.Logger.info(WL.Server.getUserNotificationSubscription(GAME, event.from).state);
}

function forget(event) {
  var player = user(event);
  player.state.count = 100;
}

function fail(event) {
  var player = user(event);
  player.state.count = 1000;
  player.save();
  throw new Error("after the save");
}

function note(event) {
  var player = user(event);
  player.state.notes = [event.text, {deep: [1, 2.5, null, true, ""]}];
  player.save();
}

function tell(event) {
  var player = WL.Server.getUserNotificationSubscription(GAME, event.from);
  WL.Logger.info(player === null ? null : [player.eventSource, player.userId, player.state, player.getDeviceSubscriptions()]);
}

function replace(event) {
  var player = user(event);
  player.state = {"new": {}};
  player.save();
}

function broken(event) {
  var player = user(event);
  player.state = ["a", "list"];
  player.save();
}

WL.Server.createEventSource({name: "game"});
var all = {count: count, forget: forget, fail: fail, note: note, tell: tell, replace: replace, "break": broken};
WL.Server.setEventHandlers(Object.keys(all).map(function (keyword) {
  return WL.Server.createSMSEventHandler({keyword: keyword}, all[keyword]);
}));
