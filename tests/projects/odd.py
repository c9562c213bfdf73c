"""A project in IBM's layout with an adapter of every odd kind, as the years leave them behind; our own text throughout."""

from pathlib import Path

_OLD = 'xmlns:wl="http://www.worklight.com/integration" xmlns:http="http://www.worklight.com/integration/http"'
_NEW = 'xmlns:mfp="http://www.ibm.com/mfp/integration" xmlns:http="http://www.ibm.com/mfp/integration/http"'
_XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def _manifest(name: str, *lines: str, prefix: str = "wl", spaces: str = _OLD) -> str:
    inner = "".join(f"{line}\n" for line in lines)
    return f'<{prefix}:adapter name="{name}"\n  {_XSI}\n  {spaces}>\n{inner}</{prefix}:adapter>\n'


def _policy(domain: str, kind: str = "http:HTTPConnectionPolicyType") -> str:
    return (
        f'<connectivity><connectionPolicy xsi:type="{kind}"><protocol>http</protocol><domain>{domain}</domain>'
        "<port>8081</port></connectionPolicy></connectivity>"
    )


ADAPTERS = {
    # sound, as Studio wrote it: displayName, a dummy back end, an XSL file nobody uses, a merge's remains beside it
    "Greeter/Greeter.xml": _manifest(
        "Greeter",
        "<displayName>Greeter</displayName>",
        _policy("rss.example.com"),
        '<procedure name="greet" securityTest="wl_unprotected" audit="true"/>',
    ),
    "Greeter/Greeter-impl.js": """WL.Server.createEventSource({
    name: 'News', securityTest: 'Staff',
    poll: {interval: 3600, onPoll: 'tick'},
    onUserSubscribe: 'welcome'
});
WL.Server.setEventHandlers([
    WL.Server.createSMSEventHandler({keyword: WL.Server.configuration["sms.keyword"]}, hear, 'web')
]);
function hear(event) {
    WL.Logger.error("Greeter heard " + event.text);
}
function tick() {}
function welcome(subscription) {}
function greet(name) {
    return {greeting: 'Hello ' + name};
}
""",
    "Greeter/filtered.xsl": "<xsl/>",
    "Greeter/Greeter.xml~HEAD": "<<<<<<< HEAD",
    "Greeter/Greeter-impl.js.orig": "function (",
    "Greeter/.gitignore": "",
    # XML in JavaScript
    "Soap/Soap.xml": _manifest("Soap", '<procedure name="ask"/>', prefix="mfp", spaces=_NEW),
    "Soap/Soap-impl.js": """function ask(name) {
    var request = <soap:Body xmlns:soap="urn:x">
        <name>{name}</name>it's
    </soap:Body>;
    var s = "x..y";  // x..y
    return {name: request..name.toString()};
}
""",
    # Java from JavaScript
    "Clock/Clock.xml": _manifest("Clock", '<procedure name="now"/>'),
    "Clock/Clock-impl.js": """// java.util.Date
function now() {
    return {now: new java.util.Date().getTime(), by: com.acme.Clock.name()};
}
""",
    # a Java adapter
    "Stock/Stock.xml": _manifest(
        "Stock",
        "<displayName>Stock</displayName>",
        "<JAXRSApplicationClass>com.acme.StockApplication</JAXRSApplicationClass>",
        prefix="mfp",
        spaces=_NEW,
    ),
    "Stock/src/com/acme/StockApplication.java": "class StockApplication {}",
    "Stock/bin/.gitkeep": "",
    # a database
    "Orders/Orders.xml": _manifest(
        "Orders",
        _policy("${db.host}", "sql:SQLConnectionPolicy"),
        '<procedure name="orders"/>',
    ),
    "Orders/Orders-impl.js": """var all = WL.Server.createSQLStatement("select * from orders");
function orders() {
    return WL.Server.invokeSQLStatement({preparedStatement: all, parameters: []});
}
""",
    # a back end named in worklight.properties, and procedures behind every kind of security test
    "Books/Books.xml": _manifest(
        "Books",
        _policy("${books.host}"),
        '<procedure name="list" securityTest="Staff"/>',
        '<procedure name="lend" securityTest="Nobody"/>',
        '<procedure name="buy" securityTest="Gone" connectAs="endUser"/>',
        '<procedure name="sell"/>',
        '<procedure name="burn" securityTest="Phones"/>',
    ),
    "Books/Books-impl.js": """var server = WL.Server;
function list() { server.signSoapMessage("list"); server.logActivity("list"); return {books: 3}; }
function lend() {}
function buy() {}
function sell() { return server.invokeHttp({path: '/', transformation: {type: 'xslFile', xslFile: 'gone.xsl'}}); }
function burn() {}
""",
    # a manifest that promises what the script does not have
    "Promises/Promises.xml": _manifest("Promises", '<procedure name="kept"/>', '<procedure name="broken"/>'),
    "Promises/Promises-impl.js": "function kept() {}\n",
    # not JavaScript
    "Torn/Torn.xml": _manifest("Torn"),
    "Torn/Torn-impl.js": "function fine() {}\n\nfunction torn( {\n",
    # a gateway that SMSConfig.xml does not have
    "Lost/Lost.xml": _manifest("Lost"),
    "Lost/Lost-impl.js": "WL.Server.setEventHandlers([\n  WL.Server.createSMSEventHandler({}, f, 'gone')]);\nfunction f() {}\n",
    # written for this host
    "later/later.xml": '<adapter name="later"><procedure name="hello" securityTest="wl_unprotected"/></adapter>',
    "later/__init__.py": """from host.wl import WL

def hear(event): WL.Logger.error("later heard " + event["text"])
def hello(): return {"hello": True}
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({}, hear),
    WL.Server.createUSSDEventHandler({"__wlpath": "/balance"}, hello)])
""",
    # what is no adapter
    "Kept/.gitkeep": "",
    "Merged/Merged.xml~HEAD": "",
    "Old~HEAD/Old.xml": "",
    ".gitkeep": "",
    "readme.txt": "",
}

CONFIGURATION = {
    "SMSConfig.xml": """<?xml version="1.0" encoding="UTF-8"?>
<sms:config xmlns:sms="http://www.worklight.com/sms/config" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
    <gateway id="gatewayID" hostname="" port="80" programName="" toParamName="to" textParamName="text">
    </gateway>
    <gateway id="web" hostname="127.0.0.1" port="9" programName="send"/>
</sms:config>
""",
    "SMSConfig.xml~HEAD": "<<<<<<< HEAD",
    "authenticationConfig.xml": """<?xml version="1.0" encoding="UTF-8"?>
<tns:loginConfiguration xmlns:tns="http://www.worklight.com/auth/config">
    <staticResources>
        <resource id="subscribeServlet" securityTest="Nobody">
            <urlPatterns>/subscribeSMS*;/ussd*</urlPatterns>
        </resource>
        <resource id="receive" securityTest="Gateway">
            <urlPatterns>/receiveSMS*</urlPatterns>
        </resource>
    </staticResources>
    <securityTests>
        <customSecurityTest name="Nobody"><test realm="Nobody" isInternalUserID="true"/></customSecurityTest>
        <customSecurityTest name="Gateway"><test realm="Gateway" isInternalUserID="true"/></customSecurityTest>
        <webSecurityTest name="Staff"><testUser realm="Gateway"/></webSecurityTest>
        <mobileSecurityTest name="Phones"><testUser realm="Gateway"/><testDeviceId provisioningType="none"/></mobileSecurityTest>
    </securityTests>
    <realms>
        <realm name="Nobody" loginModule="Nobody">
            <className>com.worklight.core.auth.ext.HeaderAuthenticator</className>
        </realm>
        <realm name="Gateway" loginModule="Gateway">
            <className>com.worklight.core.auth.ext.BasicAuthenticator</className>
        </realm>
        <realm name="Sample" loginModule="Dummy">
            <className>com.worklight.core.auth.ext.FormBasedAuthenticator</className>
            <parameter name="login-page" value="/login.html"/>
        </realm>
        <realm name="Adapter" loginModule="Nobody">
            <className>com.worklight.integration.auth.AdapterAuthenticator</className>
            <parameter name="login-function" value="Login.onAuthRequired"/>
        </realm>
    </realms>
    <loginModules>
        <loginModule name="Nobody">
            <className>com.worklight.core.auth.ext.RejectingLoginModule</className>
        </loginModule>
        <loginModule name="Dummy"><className>com.worklight.core.auth.ext.NonValidatingLoginModule</className></loginModule>
        <loginModule name="Gateway" expirationInSeconds="-1">
            <className>smshost.SharedSecretLoginModule</className>
            <parameter name="user" value="gw"/>
            <parameter name="secret" value="${gateway.secret}"/>
        </loginModule>
        <loginModule name="Ours"><className>com.acme.OurLoginModule</className></loginModule>
    </loginModules>
</tns:loginConfiguration>
""",
    "worklight.properties": """# as Studio wrote it
publicWorkLightHostname=localhost
publicWorkLightPort=10080
serverSessionTimeout=10
#wl.db.username=Worklight
wl.db.username=Worklight
wl.db.password=
push.gcm.proxy.enabled=false
sms.keyword=sub
books.host=127.0.0.1
gateway.secret=a-secret-of-the-tests
""",
    "launch.xml": "<x/>",
    ".gitkeep": "",
}

APPS = {
    "Shop/application-descriptor.xml": '<application id="Shop" platformVersion="7.1.0.00" '
    'xmlns="http://www.worklight.com/application-descriptor"><displayName>Shop</displayName>'
    '<smsGateway id="web"/><mainFile>index.html</mainFile></application>',
    "Shop/android/native/x.txt": "",
}


def write_odd_project(directory: Path) -> Path:
    """The project, in a folder `Shop` of the directory."""
    project = directory / "Shop"
    for place, files in (("adapters", ADAPTERS), ("server/conf", CONFIGURATION), ("apps", APPS)):
        for name, text in files.items():
            file = project / place / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    (project / "adapters" / "Empty").mkdir()
    for name in ("server/java", "server/lib"):
        (project / name).mkdir()
    (project / "server" / "lib" / "acme.jar").touch()
    return project
