// Procedures that another adapter calls.
function double(number) { return number * 2; }

function fails(phone) {
  WL.Server.subscribeSMS("procedures.place", phone, "web");
  WL.Logger.warn("about to fail");
  throw new Error("failed for " + phone);
}

function callsBack(depth) {
  if (depth === 0) return {depth: 0};
  var options = {adapter: "procedures", procedure: "nested", parameters: [depth - 1]};
  return {depth: depth, inner: WL.Server.invokeProcedure(options)};
}

function nothing() {}

function some() { return [1, "two", null]; }

function refuses() { return {isSuccessful: false, errors: ["its own word"], more: 1}; }

function hidden() { return {hidden: true}; }
