"""VS Code's registrations and tokens, which outlive its connections."""

import asyncio
import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from wiretape.replay.conformance.driving.browser import browsed
from wiretape.replay.conformance.driving.vscode.discovery import Place
from wiretape.replay.conformance.driving.vscode.fetching import BlockedError, Fetch, read
from wiretape.replay.conformance.driving.vscode.rules import is_due
from wiretape.replay.conformance.stage import StuckError

NAME = "Visual Studio Code"
LOOPBACK = "http://127.0.0.1:33418/"
WEB = "https://vscode.dev/redirect"

_FAILURES = (BlockedError, httpx.HTTPError, ValueError, KeyError)
_REDIRECTS = ["https://insiders.vscode.dev/redirect", WEB, "http://127.0.0.1/", LOOPBACK]
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
_GRANTS = ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"]


@dataclass
class Kept:
    """What is kept of one place: the registration, the tokens, and when they were issued."""

    client: dict[str, Any] = field(default_factory=dict)
    tokens: dict[str, Any] = field(default_factory=dict)
    issued: float = 0.0


class Account:
    """Gives tokens, for which it registers, asks the user in a browser, and refreshes.

    `callback` is where the user comes back to. `trouble` says what did not work, for reports.
    """

    def __init__(self, fetch: Fetch, browser: httpx.AsyncClient, callback: str = LOOPBACK) -> None:
        self.kept: dict[str, Kept] = {}
        self.trouble: list[str] = []
        self._fetch = fetch
        self._browser = browser
        self._callback = callback
        self._one_by_one = asyncio.Lock()

    async def token(self, place: Place, *, anew: bool = False, quietly: bool = False) -> str | None:
        """Give a token, if one can be had; `anew` forgets the registration and the tokens.

        With `quietly` the user is not asked. Raises StuckError if the user does not come back from
        the browser.
        """
        async with self._one_by_one:
            if anew:
                self.kept.pop(place.name, None)
            kept = self.kept.setdefault(place.name, Kept())
            try:
                if not kept.client:
                    await self._register(place, kept)
                if is_due(kept.issued, kept.tokens.get("expires_in"), _now()):
                    await self._refresh(place, kept)
                if not kept.tokens and not quietly:
                    await self._authorize(place, kept)
            except _FAILURES as error:
                self.trouble.append(str(error) or type(error).__name__)
                return None
            return str(kept.tokens["access_token"]) if kept.tokens else None

    def age(self) -> None:
        """Let the time come when every token is to be refreshed."""
        for kept in self.kept.values():
            kept.issued -= kept.tokens.get("expires_in", 0)

    def spoil(self, name: str) -> None:
        """Replace the tokens of this name by some that were not issued."""
        for kept in self.kept.values():
            if name in kept.tokens:
                kept.tokens[name] = kept.tokens[name][::-1]

    async def _register(self, place: Place, kept: Kept) -> None:
        """Register (RFC 7591)."""
        offered = place.server.get("grant_types_supported", _GRANTS)
        wanted = {
            "client_name": NAME,
            "client_uri": "https://code.visualstudio.com",
            "grant_types": [each for each in offered if each in _GRANTS],
            "response_types": ["code"],
            "redirect_uris": _REDIRECTS,
            "token_endpoint_auth_method": "none",
            "application_type": "native",
        }
        if scopes := (place.resource or {}).get("scopes_supported"):
            wanted["scope"] = " ".join(scopes)
        answer = await self._post(
            place.server["registration_endpoint"],
            {"Content-Type": "application/json"},
            json.dumps(wanted),
        )
        if not answer.is_success:
            raise ValueError(f"registration was answered {answer.status_code}")
        kept.client = {"client_id": answer.json()["client_id"]} | answer.json()

    async def _authorize(self, place: Place, kept: Kept) -> None:
        """Ask the user in a browser (RFC 7636; RFC 8707 if the resource has metadata)."""
        verifier, state = secrets.token_hex(32), _state(self._callback)
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        asked = {
            "client_id": kept.client["client_id"],
            "response_type": "code",
            "code_challenge": digest.decode().rstrip("="),
            "code_challenge_method": "S256",
            **({"scope": place.scope} if place.scope else {}),
            **_resource(place),
            "redirect_uri": self._callback,
            "state": state,
        }
        page = await self._browser.get(place.server["authorization_endpoint"], params=asked)
        told = await browsed(self._browser, page, self._callback)
        if told.get("state") != state or "code" not in told:
            raise StuckError(f"authorization gave no code but {told.get('error', 'nothing')}")
        await self._ask(
            place,
            kept,
            grant_type="authorization_code",
            code=told["code"],
            redirect_uri=self._callback,
            code_verifier=verifier,
        )
        if not kept.tokens:
            raise ValueError("the exchange of the code was refused")

    async def _refresh(self, place: Place, kept: Kept) -> None:
        """Refresh; a refusal costs the tokens, and `invalid_client` the registration as well."""
        refresh, kept.tokens = kept.tokens.get("refresh_token"), {}
        if refresh is None:
            return
        try:
            error = await self._ask(place, kept, grant_type="refresh_token", refresh_token=refresh)
            if error == "invalid_client":
                await self._register(place, kept)
        except _FAILURES as failure:
            self.trouble.append(str(failure))

    async def _ask(self, place: Place, kept: Kept, **form: str) -> str | None:
        """Ask for tokens and keep them; gives the error if there are none.

        The status of a refresh's answer does not count.
        """
        sent = {"client_id": kept.client["client_id"]} | form | _resource(place)
        if kept.client.get("client_secret"):
            sent["client_secret"] = kept.client["client_secret"]
        answer = await self._post(place.server["token_endpoint"], _FORM, urlencode(sent))
        if "code" in form and not answer.is_success:
            return f"{answer.status_code}"
        said = answer.json()
        if "access_token" in said and "token_type" in said:
            kept.tokens, kept.issued = said, _now()
            return None
        return str(said.get("error"))

    async def _post(self, url: str, headers: dict[str, str], text: str) -> httpx.Response:
        request = httpx.Request("POST", url, headers=headers, content=text.encode())
        async with read(self._fetch(request)) as answer:
            return answer


def _resource(place: Place) -> dict[str, str]:
    """Give the resource that tokens are asked for (RFC 8707), if it has metadata."""
    return {"resource": place.resource["resource"]} if place.resource else {}


def _state(callback: str) -> str:
    """Give a state as VS Code has it: base64 with all its signs, or a URL of the page, escaped.

    A server that does not give it back as it was cannot be logged in to.
    """
    if callback == LOOPBACK:
        return base64.b64encode(b"\xfb\xff" + secrets.token_bytes(14)).decode()
    within = urlencode({"vscode-reqid": 1, "vscode-query": f"nonce={secrets.token_hex(16)}"})
    return f"https://vscode.dev/callback{quote('?' + within)}"


def _now() -> float:
    return asyncio.get_running_loop().time()
