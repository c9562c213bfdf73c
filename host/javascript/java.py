"""The methods of Java's that published scripts write their logs with: prelude.js stands in for those a script names."""

#: By full name, what the stand-in does.
STAND_INS = {
    "com.worklight.common.js.util.JSObjectConverter.toFormattedString": "gives the value as JSON",
    "com.worklight.server.integration.api.JSObjectConverter.toFormattedString": "gives the value as JSON",
    "java.lang.System.out.print": "logs as WL.Logger.info",
    "java.lang.System.out.println": "logs as WL.Logger.info",
}
