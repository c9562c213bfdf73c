// What a handler can learn of what came.
function hello(event) {
  WL.Logger.info(event);
  WL.Logger.info([event.all("x"), event.all("nothing"), event.all("from"), event.nothing === undefined ? null : event.nothing]);
  looked(event.from);
}

function called() { return {request: looked("nobody")}; }

function polled() { looked("poll"); }

function looked(name) {
  var request = WL.Server.getClientRequest();
  if (request === null) {
    WL.Logger.info([name, null, WL.Server.getActiveUser()]);
    return null;
  }
  var seen = [
    request.getParameterNames().sort(),
    request.getParameter("x"),
    request.getParameterValues("x"),
    request.getParameterValues("nothing"),
    request.getParameter("nothing"),
    request.getHeader("Accept"),
    request.getHeaderNames(),
    WL.Server.getActiveUser()
  ];
  WL.Logger.info([name, seen]);
  return seen;
}

WL.Server.createEventSource({name: "news", poll: {interval: 60, onPoll: polled}});
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({}, hello)]);
