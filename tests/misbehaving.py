"""A client of a replayed service, for what faults do to it on the wire."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from replayed import CALLBACK, CHALLENGE, VERIFIER, shipped
from speaking import message
from wiretape.analysis.profile.model import Profile
from wiretape.replay.background import StandIn, replayed
from wiretape.replay.clock import Clock
from wiretape.replay.service import Choices

ACCEPT = {"accept": "application/json, text/event-stream"}
SSE = "atlassian-2025-08"
STREAMABLE = "oauth-streamable"
AN_HOUR = Choices(expires_in=3600)


class Client:
    """Speaks OAuth and MCP by hand, so that it sees what passes."""

    def __init__(self, service: StandIn, http: httpx.Client) -> None:
        self.service = service
        self.http = http
        self.headers: dict[str, str] = dict(ACCEPT)
        self.tokens: Any = None
        self.registered: dict[str, str] = {}

    @property
    def metadata(self) -> Any:
        origin = "/".join(self.service.url.split("/")[:3])
        path = "/.well-known/oauth-authorization-server"
        return self.http.get(origin + path).json()

    def register(self) -> httpx.Response:
        endpoint = self.metadata["registration_endpoint"]
        return self.http.post(endpoint, json={"redirect_uris": [CALLBACK]})

    def authorize(self, **other: str) -> httpx.Response:
        given = other | {
            "response_type": "code",
            "client_id": self.registered["client_id"],
            "redirect_uri": CALLBACK,
            "state": "a state",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return self.http.get(self.metadata["authorization_endpoint"], params=given)

    def exchange(self, code: str) -> httpx.Response:
        return self.token(
            grant_type="authorization_code",
            code=code,
            redirect_uri=CALLBACK,
            code_verifier=VERIFIER,
        )

    def refresh(self) -> httpx.Response:
        return self.token(grant_type="refresh_token", refresh_token=self.tokens["refresh_token"])

    def token(self, **given: str) -> httpx.Response:
        names = ("client_id", "client_secret")
        form = {name: self.registered[name] for name in names if name in self.registered} | given
        return self.http.post(self.metadata["token_endpoint"], data=form)

    def grant(self, **asked: str) -> None:
        """Do all of OAuth."""
        self.registered = self.register().json()
        back = urlsplit(self.authorize(**asked).headers["location"])
        self.take(self.exchange(parse_qs(back.query)["code"][0]))

    def take(self, answer: httpx.Response) -> None:
        self.tokens = answer.json()
        self.headers["authorization"] = f"Bearer {self.tokens['access_token']}"

    def begin(self) -> httpx.Response:
        """Begin a session over streamable HTTP."""
        params = {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "by-hand", "version": "0"},
        }
        self.headers.pop("mcp-session-id", None)
        opened = self.say("initialize", 0, **params)
        if "mcp-session-id" in opened.headers:
            self.headers["mcp-session-id"] = opened.headers["mcp-session-id"]
        return opened

    def say(self, method: str, number: int | None = None, **params: Any) -> httpx.Response:
        return self.http.post(
            self.service.url, json=message(method, number, **params), headers=self.headers
        )

    @contextmanager
    def stream(self, hears: float = 5) -> Iterator["Events"]:
        """Open a stream over HTTP+SSE; who hears nothing for so many seconds gives up."""
        patience = httpx.Timeout(5, read=hears)
        with self.http.stream(
            "GET", self.service.url, headers=self.headers, timeout=patience
        ) as response:
            yield Events(self, response)


class Events:
    """A stream of HTTP+SSE, byte for byte."""

    def __init__(self, client: Client, response: httpx.Response) -> None:
        self.client = client
        self.response = response
        self.chunks = response.iter_raw()
        self.read = b""

    def next(self) -> bytes:
        """Read to the end of the next event, as it is on the wire."""
        while True:
            found = min(
                (self.read.find(end) + len(end) for end in ENDS if end in self.read), default=0
            )
            if found:
                event, self.read = self.read[:found], self.read[found:]
                return event
            self.read += next(self.chunks)

    def open(self) -> str:
        """Read the first event; gives where to post."""
        path = self.next().partition(b"data: ")[2].split()[0].decode()
        return str(httpx.URL(self.client.service.url).join(path))

    def say(
        self, url: str, method: str, number: int | None = None, **params: Any
    ) -> httpx.Response:
        sent = message(method, number, **params)
        return self.client.http.post(url, json=sent, headers=self.client.headers)


ENDS = (b"\n\n", b"\r\n\r\n", b"\r\r")


def told(answer: httpx.Response) -> Any:
    """Give the message that a POST is answered with, in the body or on its stream."""
    if answer.headers["content-type"].startswith("text/event-stream"):
        return json.loads(answer.text.partition("data: ")[2].split("\n")[0])
    return answer.json()


def unlike(one: httpx.Response, other: httpx.Response) -> set[str]:
    """Tell in which headers two answers differ, and whether in `status` and `body`."""
    told = [{*each.headers.multi_items()} for each in (one, other)]
    found = {name for name, _ in told[0] ^ told[1]}
    found |= {"status"} if one.status_code != other.status_code else set()
    return found | ({"body"} if one.content != other.content else set())


def in_bodies() -> Profile:
    """Give a service that answers calls in the body, not on a stream."""
    known = shipped(STREAMABLE)
    return known.model_copy(
        update={
            "transport": known.transport.model_copy(update={"ways": ("body",)}),
            "protocol": known.protocol.model_copy(update={"method": {}}),
        }
    )


@contextmanager
def client(
    profile: Profile | str, *faults: str, granted: bool = True, choices: Choices = AN_HOUR
) -> Iterator[Client]:
    """Give a client of a service whose clock stands still; `faults` are armed after the grant."""
    with (
        replayed(profile, clock=Clock(1_700_000_000, rate=0), choices=choices) as service,
        httpx.Client(timeout=5, trust_env=False) as http,
    ):
        found = Client(service, http)
        if granted:
            found.grant()
        for fault in faults:
            service.arm(fault)
        yield found


def waits_for(condition: Callable[[], bool]) -> None:
    """Wait until something has come about."""
    ends = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.01)
