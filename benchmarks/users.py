"""A user of a made-up recording: a client that finds a service and gets leave to use it (OAuth)."""

from collections.abc import Generator
from random import Random

import msgspec

from benchmarks.parties import CLIENTS, ORIGIN_OF_PAGE, SERVICES
from benchmarks.scene import Headers, Scene, form_body, json_body, text_body
from wiretape.recorder.log.records import Body
from wiretape.recorder.redaction.pseudonym import Pseudonyms

LIFETIME = 3300
"""Seconds that an access token is good for."""

type Doing[T] = Generator[float, None, T]
"""What a user does: yields for how many seconds it waits, and gives what came of it."""

_AUTHORIZATION = "/.well-known/oauth-authorization-server"
_RESOURCE = "/.well-known/oauth-protected-resource"
_CALLBACK = "http://127.0.0.1:33418/callback"


class User:
    """A client with its tokens at a service. Everything random comes from `random`."""

    def __init__(self, scene: Scene, random: Random) -> None:
        self.scene = scene
        self.random = random
        self.client = random.choices(CLIENTS, (3, 2, 2, 8))[0]
        self.service = random.choices(SERVICES, (1, 4, 8))[0]
        self.url = self.service.origin + self.service.path
        self.connection = scene.connect()
        self.access_token: str | None = None
        self._refresh_token = ""
        self._expires = 0.0
        self._client_id = ""
        self._pseudonyms = Pseudonyms(random.randbytes(32))
        self._grant = f"{self.secret(12)}:{self.secret(8)}:" if self.service.edge else ""
        self._allowed: set[str] = set()

    def secret(self, size: int) -> str:
        """Make up that many bytes, as what the recorder writes in place of a secret."""
        return self._pseudonyms.of(f"{self.random.getrandbits(8 * size):0{2 * size}x}")

    def latency(self) -> float:
        """Say how long the service takes, in seconds."""
        return self.random.lognormvariate(-2.5, 0.7)

    def send(
        self,
        method: str,
        url: str,
        body: Body | None = None,
        *,
        on: str | None = None,
        accept: str = "application/json",
        given: Headers = (),
        cause: int | None = None,
    ) -> int:
        """Send a request, on the user's connection or another; gives its exchange's number."""
        headers = [("accept", accept), *given]
        if body is not None:
            headers.append(("content-type", body.media_type or "text/plain"))
            headers.append(("content-length", str(body.size)))
        return self.scene.request(
            on or self.connection,
            method,
            url,
            http=self.client.http,
            headers=self.client.headers(self.service.host, *headers),
            body=body,
            cause=cause,
        )

    def answer(
        self,
        number: int,
        status: int,
        body: Body | None = None,
        given: Headers = (),
    ) -> Doing[None]:
        """Respond after a while, and end."""
        yield self.latency()
        headers = list(given)
        if body is not None and body.media_type:
            headers.append(("content-type", body.media_type))
        headers.append(("content-length", str(body.size if body else 0)))
        self.scene.respond(number, status, self.headers(*headers), body)
        yield 0.0004
        self.scene.end(number)

    def headers(self, *given: tuple[str, str]) -> Headers:
        """Give a response's headers."""
        cors = self.service.cors() if self.client.in_browser else ()
        return self.service.headers(self.random, self.scene.date, *given, *cors)

    def bearer(self) -> Headers:
        """Give the header that carries the token, if there is one."""
        return (("authorization", f"Bearer {self.access_token}"),) if self.access_token else ()

    def preflight(self, method: str, url: str) -> Doing[None]:
        """Ask for leave, from within a browser, where no earlier leave is still good."""
        if not self.client.in_browser or url in self._allowed:
            return
        number = self.scene.request(
            self.connection,
            "OPTIONS",
            url,
            http=self.client.http,
            headers=(
                ("access-control-request-method", method),
                ("access-control-request-headers", "authorization,content-type,mcp-session-id"),
                ("origin", ORIGIN_OF_PAGE),
            ),
        )
        leave: Headers = ()
        if self.service.edge:
            self._allowed.add(url)  # its answers say for how long
        else:
            leave = (
                ("access-control-allow-methods", "GET, POST, DELETE"),
                ("access-control-allow-headers", "authorization, content-type, mcp-session-id"),
            )
        yield from self.answer(number, 204, given=leave)

    def arrive(self) -> Doing[None]:
        """Be refused, find the authorization server, register and get a first token."""
        yield from self.preflight("POST", self.url)
        yield from self.refused(self.send("GET", self.url, accept="text/event-stream"))
        origin = self.service.origin
        yield from self._read(f"{origin}{_RESOURCE}{self.service.path}", self._resource())
        yield from self._read(origin + _AUTHORIZATION, self._authorization())
        yield from self._register()
        code = yield from self._authorize()
        yield from self._token(
            form_body(
                grant_type="authorization_code",
                code=code,
                code_verifier=self.secret(32),
                redirect_uri=_CALLBACK,
                client_id=self._client_id,
            )
        )

    def refused(self, number: int) -> Doing[None]:
        """Be answered that a token is missing, or expired."""
        error = {"error": "invalid_token"}
        if self.access_token is None:
            error["error_description"] = "Missing or invalid access token"
        said = ", ".join(f'{name}="{value}"' for name, value in error.items())
        known = (
            "" if self.service.edge else f', resource_metadata="{self.service.origin}{_RESOURCE}"'
        )
        yield from self.answer(
            number,
            401,
            json_body(msgspec.json.encode(error)),
            (("www-authenticate", f'Bearer realm="OAuth", {said}{known}'),),
        )

    def fresh(self) -> Doing[None]:
        """Refresh the token if the client sees that it expires within a minute."""
        if self.client.refreshes_early and self.scene.now > self._expires - 60:
            yield from self.refresh()

    @property
    def expired(self) -> bool:
        """Whether the token is not good any more."""
        return self.scene.now > self._expires

    def refresh(self) -> Doing[None]:
        """Get the next token."""
        yield from self._token(
            form_body(
                grant_type="refresh_token",
                refresh_token=self._refresh_token,
                client_id=self._client_id,
            )
        )

    def _read(self, url: str, document: dict[str, object] | None) -> Doing[None]:
        yield from self.preflight("GET", url)
        number = self.send("GET", url)
        if document is None:
            yield from self.answer(number, 404, text_body("Not Found", "text/plain"))
        else:
            yield from self.answer(number, 200, json_body(msgspec.json.encode(document)))

    def _resource(self) -> dict[str, object] | None:
        if self.service.edge:
            return None
        return {"resource": self.url, "authorization_servers": [self.service.origin]}

    def _authorization(self) -> dict[str, object]:
        origin = self.service.origin
        return {
            "issuer": origin,
            "authorization_endpoint": f"{origin}/v1/authorize",
            "token_endpoint": f"{origin}/v1/token",
            "registration_endpoint": f"{origin}/v1/register",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
        }

    def _register(self) -> Doing[None]:
        url = f"{self.service.origin}/v1/register"
        yield from self.preflight("POST", url)
        asked = {"client_name": self.client.name, "redirect_uris": [_CALLBACK]}
        number = self.send("POST", url, json_body(msgspec.json.encode(asked)))
        self._client_id = self.secret(8)
        given = asked | {"client_id": self._client_id, "token_endpoint_auth_method": "none"}
        yield from self.answer(number, 201, json_body(msgspec.json.encode(given)))

    def _authorize(self) -> Doing[str]:
        state, code = self.secret(16), self._grant + self.secret(16)
        number = self.send(
            "GET",
            f"{self.service.origin}/v1/authorize?response_type=code&client_id={self._client_id}"
            f"&code_challenge={self.secret(22)}&code_challenge_method=S256&state={state}",
            accept="text/html",
        )
        yield self.random.uniform(3, 60)  # the user reads and consents
        location = f"{_CALLBACK}?code={code.replace(':', '%3A')}&state={state}"
        yield from self.answer(number, 302, given=(("location", location),))
        return code

    def _token(self, form: Body) -> Doing[None]:
        url = f"{self.service.origin}/v1/token"
        yield from self.preflight("POST", url)
        number = self.send("POST", url, form)
        token = {
            "access_token": self._grant + self.secret(16),
            "token_type": "bearer",
            "expires_in": LIFETIME,
            "refresh_token": self._grant + self.secret(16),
            "scope": "read:work write:work offline_access",
        }
        yield from self.answer(number, 200, json_body(msgspec.json.encode(token)))
        self.access_token = str(token["access_token"])
        self._refresh_token = str(token["refresh_token"])
        self._expires = self.scene.now + LIFETIME
