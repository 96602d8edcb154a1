"""Who visits the service: a probe, VS Code, and mcp-remote; each with its way of negotiating."""

from official.edge import ENDPOINT
from official.service import LIFETIME, SCOPE, Official
from official.session import Session, post_to_the_endpoint
from play import call, failure
from visitor import PAGE, Visitor

_CLOUD = "0b1e5c1a-0000-4000-8000-00000000c10d"
_USER = '{"account_id":"5f00:made-up","name":"Ada Example","email":"ada@example.com"}'
_SITES = f'[{{"id":"{_CLOUD}","url":"https://acme.atlassian.net","name":"acme"}}]'
_FOUND = '{"issues":{"totalCount":1,"nodes":[{"key":"DEMO-1","fields":{"summary":"Write it"}}]}}'
_NOT_FOUND = '{"error":true,"message":"Issue does not exist or you do not have permission"}'


class Probe:
    """The raw client, which walks the service through its whole life."""

    def __init__(self, service: Official, visitor: Visitor) -> None:
        self.service, self.visitor, self.play = service, visitor, visitor.play

    def look_around(self) -> None:
        """Knock, find the way, sign in, and see what is there."""
        service, visitor = self.service, self.visitor
        with visitor.step("challenge"):
            visitor.knock(service)
        with visitor.step("discovery"):
            visitor.discover(service)
        with visitor.step("registration"):
            visitor.register(service)
        with visitor.step("authorize"):
            visitor.authorize(service)
        with visitor.step("token"):
            visitor.exchange(service)
        with visitor.step("refresh"):
            visitor.refresh(service)
        with visitor.step("connect"):
            session = self._connect()
        with visitor.step("lists"):
            session.list_tools("tools/list, page 1", 3)
        with visitor.step("calls"):
            session.call_tool("tools/call 1", 4, "atlassianUserInfo", _USER)
            session.call_tool("tools/call 2", 5, "getAccessibleAtlassianResources", _SITES)
        with visitor.step("mistakes"):
            # Not the notification that it should be: with an id, so that an answer is due.
            unknown = failure(6, -32601, "Method not found")
            session.say("initialized as a call", call(6, "notifications/initialized"), unknown)
        session.leave()
        with visitor.step("cors"):
            visitor.preflights(service)
            visitor.preflight(service, "the message endpoint", "POST", session.url)
            label = "GET discovery document 1, with Origin"
            url = "https://mcp.atlassian.com/.well-known/oauth-authorization-server"
            service.document_to_page(visitor.ask(label, "GET", url, {"origin": PAGE}))

    def begin_life(self) -> None:
        """Take a fresh token and use it."""
        with self.visitor.step("lifecycle"):
            self.visitor.refresh(self.service, label="refresh, for a fresh token")
            self._ends = self.play.now.timestamp() + LIFETIME
            session = self._connect()
            session.list_tools("the fresh token", 3)
            session.leave()

    def end_life(self) -> None:
        """Use the token just before its end and sixteen seconds after it; then refresh."""
        visitor = self.visitor
        with visitor.step("lifecycle"):
            self._until(-10)
            session = self._connect()
            session.list_tools("just before the end", 3)
            self._until(16)
            session.list_tools("16 s after the end", 4)
            visitor.refresh(self.service, label="refresh after the end")
            session.list_tools("with the renewed token", 5)
            session.leave()

    def reuse_refresh_tokens(self) -> None:
        """Use a refresh token again before, and after, the one that replaced it was used."""
        visitor, service = self.visitor, self.service
        old = visitor.refresh_token
        with visitor.step("refresh-reuse"):
            visitor.refresh(service)
            visitor.refresh(service, old, "the old refresh token at once")
            visitor.refresh(service, label="the newest refresh token")
            visitor.refresh(service, old, "the old refresh token, the new one used")

    def _connect(self) -> Session:
        post_to_the_endpoint(self.service, self.visitor)
        session = Session(self.service, self.visitor, "GET the event stream", on="p2")
        session.begin()
        return session

    def _until(self, seconds: float) -> None:
        """Wait until so many seconds after the token's end."""
        self.play.later(self._ends + seconds - self.play.now.timestamp())


class VsCode:
    """VS Code: POST first, then a stream; when the stream dies, once more."""

    def __init__(self, service: Official, visitor: Visitor) -> None:
        self.service, self.visitor = service, visitor

    def sign_in(self) -> None:
        """Be refused, and do what that takes."""
        number = self.visitor.post("", ENDPOINT, self.visitor.hello())
        self.service.refuse(number, "POST", "no token")
        self.visitor.sign_in(self.service)

    def work(self) -> None:
        """Work until the stream dies, and go on with another."""
        session = self._connect("v2")
        session.list_tools("", 2)
        session.call_tool("", 3, "searchJiraIssuesUsingJql", _FOUND, cloudId=_CLOUD, jql="a = b")
        given = {"cloudId": _CLOUD, "issueIdOrKey": "DEMO-404"}
        session.call_tool("", 4, "getJiraIssue", _NOT_FOUND, fails=True, **given)
        self.service.play.later(310)
        session.die()
        self.session = self._connect("v3")
        self.session.list_tools("", 2)

    def work_on(self) -> None:
        """Come back when the token has expired, and refresh it."""
        if not self.session.call_tool("", 3, "atlassianUserInfo", _USER):
            self.visitor.refresh(self.service)
        self.session.call_tool("", 4, "atlassianUserInfo", _USER)
        self.session.leave()

    def _connect(self, on: str) -> Session:
        post_to_the_endpoint(self.service, self.visitor)
        session = Session(self.service, self.visitor, "", on)
        session.begin()
        return session


class McpRemote:
    """mcp-remote: GET to see if it is let in, a test of POST, then the stream to work on."""

    def __init__(self, service: Official, visitor: Visitor) -> None:
        self.service, self.visitor = service, visitor

    def work(self) -> None:
        service, visitor = self.service, self.visitor
        service.refuse(visitor.listen("", ENDPOINT), "GET", "no token")
        visitor.sign_in(service)
        Session(service, visitor, "", "r2").leave()
        post_to_the_endpoint(service, visitor, "mcp-remote-fallback-test")
        session = Session(service, visitor, "", "r3")
        session.begin()
        session.list_tools("", 2)
        service.play.later(95)
        session.call_tool("", 3, "getVisibleJiraProjects", "[]", cloudId=_CLOUD)
        session.leave()


def probe(service: Official) -> Probe:
    return Probe(service, _visitor(service, "wiretape-probe", "wiretape-probe", "p1", 8765))


def vs_code(service: Official) -> VsCode:
    name = "Visual Studio Code"
    visitor = _visitor(service, name, f"{name}/1.103.2", "v1", 33418)
    visitor.accept = "text/event-stream, application/json"
    return VsCode(service, visitor)


def mcp_remote(service: Official) -> McpRemote:
    return McpRemote(service, _visitor(service, "desktop (via mcp-remote)", "node", "r1", 3334))


def _visitor(service: Official, name: str, agent: str, on: str, port: int) -> Visitor:
    redirect_uri = f"http://localhost:{port}/oauth/callback"
    return Visitor(service.play, name, agent, on, redirect_uri=redirect_uri, scope=SCOPE)
