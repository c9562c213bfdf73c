// What an adapter finds beside the language: WL, and nothing else. The host evaluates this before the adapter.
//
// A line is a JSON array. The host says ["call", function, arguments], ["find", name] (its line and kind), and answers what it was asked
// with ["value", value] or ["error", name, message, stack]; an argument or value may be ["user"|"request"|"plain", data].
// The script asks ["host", method, arguments, stack], tells ["log", level, value], and ends a call with
// ["result", value] or ["failed", name, message, stack].
(function (global, ask, tell, setup) {
  "use strict";
  var Error = global.Error, Object = global.Object, Proxy = global.Proxy, RangeError = global.RangeError;
  var ReferenceError = global.ReferenceError, String = global.String, TypeError = global.TypeError;
  var parse = JSON.parse, stringify = JSON.stringify, functions = [], loading = true, MOST = setup.most;
  var LIMIT = " (" + setup.memory + " MB, smshost.javascript.memoryMegabytes)";
  var evaluate = eval, apply = Reflect.apply, kindOf = Object.prototype.toString, join = [].join;

  // The host leaves functions whose names begin with $wl out of the stacks that people see.
  function $wlNamed(f) { return Object.defineProperty(f, "name", { value: "$wl" }); }

  function $wlLine(f) {
    try { return typeof f.lineNumber === "number" ? f.lineNumber : 0; } catch (error) { return 0; }
  }

  // "Function", "AsyncFunction", "GeneratorFunction" and so on.
  function $wlKind(f) {
    try { return apply(kindOf, f, []).slice(8, -1); } catch (error) { return ""; }
  }

  function $wlKept(key, value) {
    if (typeof value !== "function" || !loading) return value;
    var number = 0;
    while (number < functions.length && functions[number] !== value) number++;
    functions[number] = value;
    return { $function: number, name: $wlText(value, "name"), line: $wlLine(value), kind: $wlKind(value) };
  }

  // Not by "+": the pieces of a long string that is made so stay apart, and the engine's Python side cannot read it.
  function $wlJoined(pieces) { return apply(join, pieces, [""]); }

  // Frames are put together by hand: a script may have given arrays a toJSON of its own, as old libraries do.
  function $wlFramed(head, values, tail, what) {
    var pieces = [head], length = 0, each;
    try {
      for (var i = 0; i < values.length; i++) {
        each = stringify(values[i], $wlKept);
        if (each === undefined) each = "null";
        length += each.length + 1;
        pieces[2 * i + 1] = each;
        pieces[2 * i + 2] = i + 1 < values.length ? "," : tail;
      }
    } catch (thrown) { throw new TypeError(what + ": this cannot be JSON: " + $wlReason(thrown)); }
    if (length > MOST) throw new RangeError(what + ": " + length + " characters as JSON, and at most " + MOST + " are taken");
    if (!values.length) pieces[1] = tail;
    return $wlJoined(pieces);
  }

  function $wlIsError(thrown) {
    try { return thrown instanceof Error; } catch (error) { return false; }
  }

  // A property of what was thrown, as text; reading it may run the script's own code.
  function $wlText(thrown, name) {
    try {
      var value = thrown[name];
      return value === undefined ? "" : String(value);
    } catch (error) { return "(its " + name + " cannot be read)"; }
  }

  function $wlShown(thrown) {
    if (typeof thrown === "object" || typeof thrown === "string") {
      try { return stringify(thrown) || apply(kindOf, thrown, []); } catch (error) { return "an object that cannot be shown"; }
    }
    return String(thrown);
  }

  function $wlReason(thrown) {
    return $wlIsError(thrown) ? $wlText(thrown, "message") : "it threw " + $wlShown(thrown);
  }

  function $wlFailed(thrown) {
    var name = "", said, stack = "";
    if (thrown === null) said = "it ran out of memory" + LIMIT + ", or threw null";
    else if ($wlIsError(thrown)) {
      name = $wlText(thrown, "name");
      said = $wlText(thrown, "message");
      stack = $wlText(thrown, "stack");
    } else said = "it threw " + $wlShown(thrown) + ", which is no Error";
    return $wlJoined(['["failed",', stringify(name), ",", stringify(said), ",", stringify(stack), "]"]);
  }

  function $wlRevived(pair) { return REVIVED[pair[0]](pair[1]); }

  // Functions at the top level are called by their names, others by their numbers.
  function $wlCalled(which, pairs) {
    var f = typeof which === "string" ? $wlNamedFunction(which) : functions[which], given = [];
    if (typeof f !== "function") throw new ReferenceError("the script has no such function any more");
    for (var i = 0; i < pairs.length; i++) given[i] = $wlRevived(pairs[i]);
    var value = apply(f, undefined, given), name = typeof which === "string" ? which : f.name || "the function";
    if (value && typeof value.then === "function") throw new TypeError(name + " gave a Promise, which this host never awaits");
    return $wlFramed('["result",', [value], "]", "the result of " + name);
  }

  function $wlNamedFunction(name) {
    try { return evaluate(name); } catch (error) { return undefined; }
  }

  // Also while the script waits for the host: a callback of an event source, a procedure that calls back.
  function $wlServed(request) {
    try {
      if (request[0] === "call") return $wlCalled(request[1], request[2]);
      var found = $wlNamedFunction(request[1]);
      return $wlFramed('["result",', [typeof found === "function" ? [$wlLine(found), $wlKind(found)] : null], "]", "looking for it");
    } catch (thrown) {
      return $wlFailed(thrown);
    }
  }

  // JSON has no undefined: without its key the filter would be every text's, without its gateway id every gateway's.
  function $wlWhole(method, given) {
    var name, what = "";
    for (name in given[0]) if (given[0][name] === undefined) what = "the filter's \"" + name + "\"";
    if (given.length > 2 && given[2] === undefined) what = "the gateway id";
    if (!what) return;
    var error = new Error(method.slice(7) + ": " + what + " is undefined: is its key in worklight.properties?");
    error.name = "WLError";
    throw error;
  }

  function $wlHost(method, given) {
    if (method === "Server.createSMSEventHandler" || method === "Server.createUSSDEventHandler") $wlWhole(method, given);
    var many = [], last = given.length, stack = loading ? $wlText(new Error(), "stack") : "";
    while (last && given[last - 1] === undefined) last--;
    for (var i = 0; i < last; i++) many[i] = given[i];
    var answer = parse(ask($wlFramed('["host",' + stringify(method) + ",[", many, "]," + stringify(stack) + "]", "the arguments of WL." + method)));
    while (answer[0] === "call" || answer[0] === "find") answer = parse(ask($wlServed(answer)));
    if (answer[0] === "value") return $wlRevived(answer[1]);
    var error = new Error(answer[2]);
    error.name = answer[1];
    error.stack = answer[3] + "\n" + error.stack;
    throw error;
  }

  function User(data) { this.eventSource = data.eventSource; this.userId = data.userId; this.state = data.state; }
  User.prototype.getDeviceSubscriptions = $wlNamed(function () { return $wlHost("UserSubscription.getDeviceSubscriptions", [this]); });
  User.prototype.save = $wlNamed(function () { $wlHost("UserSubscription.save", [this]); });

  function $wlUnder(pairs, name) {
    return pairs.filter(function (pair) { return pair[0] === name; }).map(function (pair) { return pair[1]; });
  }
  function $wlNames(pairs) {
    return Array.from(new Set(pairs.map(function (pair) { return pair[0]; })));
  }
  function $wlFirst(values) { return values.length ? values[0] : null; }

  // An array that is Java's Enumeration, too.
  function $wlListed(values) {
    var next = 0;
    Object.defineProperty(values, "hasMoreElements", { value: function () { return next < values.length; } });
    return Object.defineProperty(values, "nextElement", { value: function () { return values[next++]; } });
  }

  var METHOD = /^(get|is|set|remove|start)[A-Z]|^(login|logout|authenticate)$/;  // what HttpServletRequest's are called

  // The part of javax.servlet.http.HttpServletRequest that adapters use; host/callers.py is the same in Python.
  function Request(data) {
    var headers = data.headers, parameters = data.parameters;
    function $wlHeaders(name) { return $wlUnder(headers, String(name).toLowerCase()); }
    this.getHeader = function (name) { return $wlFirst($wlHeaders(name)); };
    this.getHeaders = function (name) { return $wlListed($wlHeaders(name)); };
    this.getHeaderNames = function () { return $wlListed($wlNames(headers)); };
    this.getParameter = function (name) { return $wlFirst($wlUnder(parameters, name)); };
    this.getParameterValues = function (name) { var all = $wlUnder(parameters, name); return all.length ? all : null; };
    this.getParameterNames = function () { return $wlListed($wlNames(parameters)); };
    this.getParameterMap = function () {
      var map = {};
      $wlNames(parameters).forEach(function (name) { map[name] = $wlUnder(parameters, name); });
      return map;
    };
    this.plain = function () { return data; };
    ["queryString", "method", "requestURI", "requestURL", "remoteAddr", "contentType"].forEach(function (name) {
      this["get" + name.charAt(0).toUpperCase() + name.slice(1)] = function () { return data[name]; };
    }, this);
    return new Proxy(this, { get: $wlNamed(function (target, name) {
      if (name in target || typeof name !== "string" || !METHOD.test(name)) return target[name];
      return $wlNamed(function () {
        var error = new Error("WL.Server.getClientRequest()." + name + " is not provided by this host: see docs/reference/wl.md for what is");
        error.name = "WLError";
        throw error;
      });
    }) });
  }

  // Names without regard to case; JSON has them in lower case.
  var HEADERS = { get: $wlNamed(function (headers, name) { return headers[typeof name === "string" ? name.toLowerCase() : name]; }) };

  var REVIVED = {
    plain: function (data) { return data; },
    user: function (data) { return new User(data); },
    request: function (data) { return new Request(data); },
    event: function (data) {
      var values = data[0], pairs = data[1];
      if (Object.hasOwn(values, "all")) return values;  // a parameter of this name is the gateway's
      return Object.defineProperty(values, "all", { value: function (name) { return $wlUnder(pairs, name); } });
    },
    ussd: function (data) {
      return { params: REVIVED.event(data.params), headers: new Proxy(data.headers, HEADERS), body: data.body };
    }
  };

  function $wlProvided(prefix, members) {
    return new Proxy(Object.freeze(members), { get: $wlNamed(function (target, name) {
      if (name in target || typeof name !== "string" || name === "toJSON") return target[name];
      return $wlHost(prefix + name, []);  // refused by the host, in its own words
    }) });
  }

  function $wlSafe() {
    var above = [];
    return function (key, value) {
      while (above.length && above[above.length - 1] !== this) above.length--;
      if (typeof value === "function") return "function " + value.name;
      if (typeof value === "bigint" || typeof value === "symbol") return String(value);
      if (typeof value !== "object" || value === null) return value;
      if ($wlIsError(value)) return $wlText(value, "name") + ": " + $wlText(value, "message");
      for (var i = 0; i < above.length; i++) if (above[i] === value) return "(circular)";
      above[above.length] = value;
      return value;
    };
  }

  function $wlLogged(level) {
    return $wlNamed(function (value) {
      var said, safe = $wlSafe();
      try { said = stringify(value === undefined ? "undefined" : value, safe); } catch (error) { said = ""; }
      if (!said) said = stringify($wlShown(value));
      if (said.length > MOST) said = stringify("a value of " + said.length + " characters");
      tell($wlJoined(['["log",', stringify(level), ",", said, "]"]));
    });
  }

  var Server = { configuration: setup.configuration }, Logger = {};
  setup.server.forEach(function (name) { Server[name] = $wlNamed(function () { return $wlHost("Server." + name, arguments); }); });
  setup.logger.forEach(function (name) { Logger[name] = $wlLogged(name); });
  Object.defineProperty(global, "WL", {
    value: $wlProvided("", { Server: $wlProvided("Server.", Server), Logger: $wlProvided("Logger.", Logger) })
  });

  // The methods of Java's that this script calls, of those that published ones write their logs with.
  var JAVA = {
    print: Logger.info, println: Logger.info,
    toFormattedString: function (value) { return stringify(value, null, 2) || "null"; }
  };
  setup.java.forEach(function (dotted) {
    var holder = global, names = dotted.split("."), last = names.pop();
    names.forEach(function (name) { holder = holder[name] = Object.hasOwn(holder, name) ? holder[name] : {}; });
    holder[last] = $wlNamed(JAVA[last]);
  });

  return function $wlServe(line) {
    loading = false;
    return $wlServed(parse(line));
  };
})
