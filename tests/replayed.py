"""Services that are brought to life: in this process without a network, and as a command."""

import json
import random
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet

from peers.processes import end_group, environment, ready
from wiretape.analysis.profile.model import Profile
from wiretape.analysis.profile.texts import JsonText
from wiretape.analysis.profile.toml import read
from wiretape.recorder.log.urls import origin, path
from wiretape.replay.clock import Clock
from wiretape.replay.http.messages import Ask, Reply
from wiretape.replay.http.origins import Origins, origins_of
from wiretape.replay.service import Choices, Service

PROFILES = Path(str(files("wiretape.fixtures"))) / "profiles"
CALLBACK = "http://127.0.0.1:8765/callback"
VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()

WIRETAPE = (sys.executable, "-c", "from wiretape.cli import main; main()")

type Json = Any


def shipped(name: str) -> Profile:
    return read(PROFILES / f"{name}.toml")


def changed(profile: Profile, **sections: Mapping[str, Any]) -> Profile:
    """Give a profile some of whose sections say something else.

    What has keys of its own, such as the challenges, is replaced, the others' values added.
    """
    told = {name: _merged(getattr(profile, name), parts) for name, parts in sections.items()}
    return Profile.model_validate(dict(profile) | told | {"standing": {}})


def _merged(section: Any, parts: Mapping[str, Any]) -> Mapping[str, Any]:
    return parts if isinstance(section, dict) else section.model_dump() | parts


def offering(profile: Profile, **members: Json) -> Profile:
    """Give a profile whose server metadata says this too."""
    document: Any = profile.discovery.server_metadata_document
    says = JsonText.of({**document.value, **members})
    return changed(profile, discovery={"server_metadata_document": says})


@contextmanager
def replaying(tmp_path: Path, *words: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run the command; give its process and the URL that it prints first."""
    command = [*WIRETAPE, "replay", *words]
    log = tmp_path / "stderr.txt"
    with (
        log.open("wb") as stderr,
        subprocess.Popen(
            command,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=stderr,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield process, ready(process, log)
        finally:
            end_group(process)


class Caller:
    """Calls a service by the URLs that its profile knows. Its clock stands still."""

    def __init__(
        self, profile: Profile, choices: Choices | None = None, scheme: str = "http"
    ) -> None:
        self.profile = profile
        self.clock = Clock(1_700_000_000, rate=0)
        sites = origins_of(profile)
        local = {site: f"{scheme}://127.0.0.1:{5001 + at}" for at, site in enumerate(sites)}
        self.origins = Origins(local)
        self.service = Service(
            profile, self.origins, clock=self.clock, choices=choices, dice=random.Random(7)
        )

    def ask(
        self, method: str, url: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Reply:
        query = urlsplit(url).query
        return self.service.answer(
            Ask(origin(url), method, path(url), query, dict(headers or {}), body)
        )

    def post_form(self, url: str, headers: Mapping[str, str] | None = None, **form: str) -> Reply:
        sent = {"content-type": "application/x-www-form-urlencoded"} | dict(headers or {})
        return self.ask("POST", url, urlencode(form).encode(), sent)

    def post_json(self, url: str, value: Json, headers: Mapping[str, str] | None = None) -> Reply:
        sent = {"content-type": "application/json"} | dict(headers or {})
        return self.ask("POST", url, json.dumps(value).encode(), sent)

    def register(self, **asked: Json) -> Json:
        endpoint = self.profile.endpoints.registration or ""
        reply = self.post_json(endpoint, {"redirect_uris": [CALLBACK]} | asked)
        assert reply.status == 201, reply.body
        return json.loads(reply.body)

    def authorizing(self, client: Json, **other: str | None) -> str:
        """Give the query of an authorization request."""
        given: dict[str, str | None] = {
            "response_type": "code",
            "client_id": client["client_id"],
            "redirect_uri": CALLBACK,
            "state": "a state",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        kept = {key: value for key, value in (given | other).items() if value is not None}
        return urlencode(kept)

    def authorize(self, client: Json, **other: str | None) -> Reply:
        query = self.authorizing(client, **other)
        return self.ask("GET", f"{self.profile.endpoints.authorization}?{query}")

    def code(self, client: Json, **other: str) -> str:
        return told(self.authorize(client, **other))["code"]

    def exchange(self, client: Json, code: str, **other: str) -> Reply:
        asked = {"code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
        return self.token(client, grant_type="authorization_code", **(asked | other))

    def refresh(self, client: Json, token: str, **other: str) -> Reply:
        return self.token(client, grant_type="refresh_token", refresh_token=token, **other)

    def token(self, client: Json, **asked: str) -> Reply:
        given = {"client_id": client["client_id"]} | asked
        if "client_secret" in client and "client_secret" not in asked:
            given["client_secret"] = client["client_secret"]
        return self.post_form(self.profile.endpoints.token or "", **given)

    def calls(self, token: str, **headers: str) -> Reply:
        """Post a message to the MCP endpoint with a token."""
        url = self.profile.endpoints.mcp or self.profile.endpoints.sse or ""
        hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}}
        return self.post_json(url, hello, {"authorization": f"Bearer {token}"} | headers)

    def claims(self, token: str) -> Json:
        """Give the claims of a JWT, whose signature must be good."""
        return jwt.decode(token, KeySet.import_key_set(self.service.jwks())).claims

    def answer_of(self, reply: Reply) -> Json:
        """Give what a reply with success says."""
        assert reply.status == 200, reply.body
        return json.loads(reply.body)

    def granted(self, **asked: str) -> tuple[Json, Json]:
        """Give a client and the tokens that it was given."""
        client = self.register()
        return client, self.answer_of(self.exchange(client, self.code(client, **asked)))


def told(reply: Reply) -> dict[str, str]:
    """Give what a redirect tells the client."""
    location = header(reply, "location") or ""
    assert location.startswith(CALLBACK), reply
    return dict(parse_qsl(urlsplit(location).query))


def header(reply: Reply, name: str) -> str | None:
    return dict(reply.headers).get(name)


def error(reply: Reply) -> str:
    found: str = json.loads(reply.body)["error"]
    return found
