"""A project with an adapter of every odd kind: the report tells the truth of each, and the sound ones run."""

import shutil
from pathlib import Path

from tests.hosts import Host
from tests.programs import wait_for
from tests.projects.odd import write_odd_project

REPORT = [
    ('adapters/Books', 'adapter Books (JavaScript): runs, with differences'),
    ('adapters/Books/Books-impl.js:2', 'WL.Server.logActivity differs: no effect'),
    ('adapters/Books/Books-impl.js:2', 'WL.Server.signSoapMessage is not provided by this host: the call raise'),
    ('adapters/Books/Books-impl.js:5', 'the stylesheet "gone.xsl" is not in the folder: the invokeHttp that na'),
    ('adapters/Books/Books.xml:4', 'back end http://127.0.0.1:8081, reached when invokeHttp is called'),
    ('adapters/Books/Books.xml:5', 'procedure list: guarded by the security test "Staff"'),
    ('adapters/Books/Books.xml:6', 'procedure lend: nobody can call it over HTTP, for nobody passes its se'),
    ('adapters/Books/Books.xml:7', 'connectAs="endUser": the back end is called as the server all the same'),
    ('adapters/Books/Books.xml:7', 'procedure buy: nobody can call it over HTTP, for its security test "Go'),
    ('adapters/Books/Books.xml:8', 'procedure sell: nobody can call it over HTTP, for it names no security'),
    ('adapters/Books/Books.xml:9', 'procedure burn: nobody can call it over HTTP, for nobody passes its se'),
    ('adapters/Clock', 'adapter Clock (JavaScript): does not run'),
    ('adapters/Clock/Clock-impl.js:3', 'Java classes are not supported: java.util.Date'),
    ('adapters/Clock/Clock-impl.js:3', 'Java classes are not supported: com.acme.Clock.name'),
    ('adapters/Clock/Clock.xml:4', 'procedure now: nobody can call it over HTTP, for it names no securityT'),
    ('adapters/Greeter', 'adapter Greeter (JavaScript): runs'),
    ('adapters/Greeter/Greeter-impl.js:1', 'event source Greeter.News, polled every 3600 s, onUserSubscribe, its s'),
    ('adapters/Greeter/Greeter-impl.js:7', "handler Greeter.hear: texts from gateway web with keyword 'sub'"),
    ('adapters/Greeter/Greeter.xml:5', 'back end http://rss.example.com:8081, reached when invokeHttp is calle'),
    ('adapters/Greeter/Greeter.xml:6', 'procedure greet: open to everybody, audited'),
    ('adapters/Lost', 'adapter Lost (JavaScript): does not run'),
    ('adapters/Lost/Lost-impl.js:2', 'WLError: createSMSEventHandler: no gateway "gone" in SMSConfig.xml (th'),
    ('adapters/Orders', 'adapter Orders (JavaScript): runs, with differences'),
    ('adapters/Orders/Orders-impl.js:1', 'WL.Server.createSQLStatement differs: accepted, so that the adapter lo'),
    ('adapters/Orders/Orders-impl.js:3', 'WL.Server.invokeSQLStatement is not provided by this host: the call ra'),
    ('adapters/Orders/Orders.xml:4', 'SQL connections are not provided by this host: calls that need one rai'),
    ('adapters/Orders/Orders.xml:5', 'procedure orders: nobody can call it over HTTP, for it names no securi'),
    ('adapters/Promises', 'adapter Promises (JavaScript): does not run'),
    ('adapters/Promises/Promises.xml:5', 'the manifest declares procedure "broken", but the adapter has no such '),
    ('adapters/Promises/Promises.xml:4', 'procedure kept: nobody can call it over HTTP, for it names no security'),
    ('adapters/Promises/Promises.xml:5', 'procedure broken: nobody can call it over HTTP, for it names no securi'),
    ('adapters/Soap', 'adapter Soap (JavaScript): does not run'),
    ('adapters/Soap/Soap-impl.js:2', 'E4X is not supported: an XML literal; read XML by WL.Server.invokeHttp'),
    ('adapters/Soap/Soap-impl.js:6', 'E4X is not supported: the descendants operator ..; read XML by WL.Serv'),
    ('adapters/Soap/Soap.xml:4', 'procedure ask: nobody can call it over HTTP, for it names no securityT'),
    ('adapters/Stock', 'adapter Stock (Java): does not run'),
    ('adapters/Stock/Stock.xml:5', 'Java adapters do not run here: rewrite it in Python or JavaScript, or '),
    ('adapters/Torn', 'adapter Torn (JavaScript): does not run'),
    ('adapters/Torn/Torn-impl.js:4', 'SyntaxError: invalid property name'),
    ('adapters/later', 'adapter later (Python): runs, with differences'),
    ('adapters/later/__init__.py:5', 'handler later.hear: texts from every gateway'),
    ('adapters/later/__init__.py:6', "WL.Server.createUSSDEventHandler differs: globals are shared by all cal"[:70]),
    ('adapters/later/__init__.py:6', "handler later.hello: USSD requests with __wlpath '/balance'"),
    ('adapters/later/later.xml:1', 'procedure hello: open to everybody'),
    ('adapters/Books/Books.xml:7', 'procedure "buy" names the security test "Gone", which authenticationCo'),
    ('server/conf/authenticationConfig.xml:43', 'login module "Ours" admits nobody: the Java class com.acme.OurLoginMod'),
    ('server/conf/SMSConfig.xml:3', 'gateway gatewayID: hostname="": it loads and receives, and cannot send'),
    ('server/conf/SMSConfig.xml:5', 'gateway web: generic, sends to http://127.0.0.1:9'),
    ('server/conf/authenticationConfig.xml:12', 'security test "Nobody" (customSecurityTest): nobody passes it: realm "'),
    ('server/conf/authenticationConfig.xml:13', 'security test "Gateway" (customSecurityTest): passed by those whom rea'),
    ('server/conf/authenticationConfig.xml:14', 'security test "Staff" (webSecurityTest): passed by those whom realm "G'),
    ('server/conf/authenticationConfig.xml:15', 'security test "Phones" (mobileSecurityTest): nobody passes it: its sec'),
    ('server/conf/authenticationConfig.xml:24', 'realm "Sample": without an app there is no page to log in on: it answe'),
    ('server/conf/authenticationConfig.xml:24', 'realm "Sample": admits any user name with any password'),
    ('server/conf/authenticationConfig.xml:28', 'realm "Adapter": admits nobody: AdapterAuthenticator needs an app on t'),
    ('server/conf/authenticationConfig.xml:4', 'resource "subscribeServlet", /subscribeSMS* /ussd*: guarded by the sec'),
    ('server/conf/authenticationConfig.xml:7', 'resource "receive", /receiveSMS*: guarded by the security test "Gatewa'),
    ('server/conf/worklight.properties:2', 'publicWorkLightHostname: read'),
    ('server/conf/worklight.properties:3', 'publicWorkLightPort: read'),
    ('server/conf/worklight.properties:4', 'serverSessionTimeout: ignored by this host; adapters and ${name} read '),
    ('server/conf/worklight.properties:6', 'wl.db.username: ignored by this host; adapters and ${name} read it'),
    ('server/conf/worklight.properties:7', 'wl.db.password: ignored by this host; adapters and ${name} read it'),
    ('server/conf/worklight.properties:8', 'push.gcm.proxy.enabled: ignored by this host; adapters and ${name} rea'),
    ('server/conf/worklight.properties:9', 'sms.keyword: no setting of this host: adapters and ${name} read it'),
    ('server/conf/worklight.properties:10', 'books.host: no setting of this host: adapters and ${name} read it'),
    ('server/conf/worklight.properties:11', 'gateway.secret: no setting of this host: adapters and ${name} read it'),
    ('apps', 'application-descriptor.xml of Shop: its web subscriptions go through t'),
    ('adapters/.gitkeep', 'skipped: a leftover'),
    ('adapters/Empty', 'skipped: it holds no adapter, only leftovers'),
    ('adapters/Greeter/.gitignore', 'skipped: a leftover'),
    ('adapters/Greeter/Greeter-impl.js.orig', 'skipped: a leftover'),
    ('adapters/Greeter/Greeter.xml~HEAD', 'skipped: a leftover'),
    ('adapters/Kept', 'skipped: it holds no adapter, only leftovers'),
    ('adapters/Merged', 'skipped: it holds no adapter, only leftovers'),
    ('adapters/Old~HEAD', 'skipped: a leftover'),
    ('adapters/readme.txt', 'not read: an adapter is a folder'),
    ('server/conf/.gitkeep', 'skipped: a leftover'),
    ('server/conf/SMSConfig.xml~HEAD', 'skipped: a leftover'),
    ('server/conf/launch.xml', 'not read: this host needs worklight.properties, SMSConfig.xml, authent'),
    ('server/lib', 'not read: Java does not run here'),
    ('Shop', '10 adapter(s): 1 run, 3 run with differences, 6 do not run; 1 further '),
]  # fmt: skip


def test_the_report_on_a_project_tells_of_everything_in_it(tmp_path: Path) -> None:
    project = write_odd_project(tmp_path)
    host = Host(tmp_path, project=project)
    host.places = ["--project", "Shop"]
    finished = host.run("check")
    lines = [line for line in finished.output.splitlines() if " WARNING adapter." not in line]  # on stderr
    told = [line.partition(": ") for line in lines]
    assert [(place.removeprefix("Shop/"), what[:70]) for place, _, what in told] == REPORT
    assert finished.status == 1


def test_a_project_whose_adapters_all_run_is_well(tmp_path: Path) -> None:
    project = write_odd_project(tmp_path)
    for name in {place.split("/")[1] for place, what in REPORT if what.endswith("does not run")}:
        shutil.rmtree(project / "adapters" / name)
    books = project / "adapters" / "Books" / "Books.xml"
    books.write_text(books.read_text().replace('"Gone"', '"Nobody"'))
    host = Host(tmp_path, project=project)
    finished = host.run("check")
    summary = "4 adapter(s): 1 run, 3 run with differences, 0 do not run; 0 further problem(s)"
    assert (finished.status, f"{project}: {summary}" in finished.output.splitlines()) == (0, True)
    (project / "server" / "conf" / "SMSConfig.xml").write_text("<config><gateway/></config>")
    assert host.run("check").status == 1


def test_a_project_without_its_configuration_files_is_closed_and_says_so(tmp_path: Path) -> None:
    project = write_odd_project(tmp_path)
    shutil.rmtree(project / "adapters")
    (project / "adapters").mkdir()
    for file in (project / "server" / "conf").iterdir():
        file.unlink()
    shutil.rmtree(project / "apps")
    finished = Host(tmp_path, project=project).run("check")
    conf = project / "server" / "conf"
    assert (finished.status, finished.output.splitlines()) == (
        0,
        [
            f"{conf}/worklight.properties: there is no such file: every setting has its default",
            f"{conf}/SMSConfig.xml: there is no such file: there is no gateway",
            f"{conf}/authenticationConfig.xml: there is no such file: everybody is refused",
            f"{project}/server/lib: not read: Java does not run here",
            f"{project}: 0 adapter(s): 0 run, 0 run with differences, 0 do not run; 0 further problem(s)",
        ],
    )


def test_a_door_that_nothing_opens_is_told(tmp_path: Path) -> None:
    project = write_odd_project(tmp_path)
    access = project / "server" / "conf" / "authenticationConfig.xml"
    access.write_text(access.read_text().replace("/receiveSMS*", "/console*").replace(";/ussd*", ""))
    told = [
        line for line in Host(tmp_path, project=project).run("check").output.splitlines() if "no resource gov" in line
    ]
    assert [line for line in told if "procedure" not in line] == [
        f"{access}: /receiveSMS: no resource governs it: everybody is refused there",
        f"{access}: /ussd: no resource governs it: everybody is refused there",
    ]


def test_the_sound_adapters_run(tmp_path: Path) -> None:
    with Host(tmp_path, project=write_odd_project(tmp_path)) as host:
        assert host.post("/web", **{"from": "+15550001", "text": "sub"}).status_code == 200
        wait_for(lambda: "Greeter heard sub" in host.program.log, "the script to hear")
        wait_for(lambda: "later heard sub" in host.program.log, "the Python adapter to hear")
        assert "adapters: Books, Greeter, Orders, later\n" in host.program.log
