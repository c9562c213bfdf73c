// Whatever is given to the logger, at every level, and what has no effect but a line.
WL.Logger.info("loading");
WL.Server.createSQLStatement("SELECT 1");

function log(event) {
  WL.Logger.info(event.text);
  WL.Logger.info({text: event.text, from: event.from});
}

function every() {
  [WL.Logger.debug, WL.Logger.info, WL.Logger.log, WL.Logger.warn, WL.Logger.error].forEach(function (write) {
    ["words", "", 5, 0.5, true, null, [], {}, {a: [1, {b: null}]}, ["x", ["y"]], "two\nlines", "\u00e9\u2028"].forEach(function (value) {
      write(value);
    });
  });
}

function unheard() {
  WL.Server.logActivity("x");
  WL.Server.setApplicationContext({a: 1});
  return {context: WL.Server.getClientDeviceContext()};
}

WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({}, log)]);
