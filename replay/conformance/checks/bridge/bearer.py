"""Access tokens that are not good: altered, made up, over, or of another kind."""

import asyncio
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import partial
from typing import Any

from joserfc import jwe, jwt
from joserfc.jwk import OctKey

from wiretape.replay.conformance.check import Check, Family, rfc, spec
from wiretape.replay.conformance.driving.behind import access_tokens
from wiretape.replay.conformance.driving.client import Client, client
from wiretape.replay.conformance.evidence import Evidence
from wiretape.replay.conformance.stage import Stage, StuckError
from wiretape.replay.conformance.terms import refusals
from wiretape.replay.conformance.verdict import Verdict

_MALFORMED, _ALTERED, _FOREIGN, _UNSIGNED, _REFRESH, _SERVICES, _OVER = (
    "a malformed token",
    "an altered token",
    "a token by another key",
    "a token without a signature",
    "a refresh token",
    "the service's own token",
    "a token that is over",
)
_LIFE = 3
"""Seconds that the service's token lives: the bridge's lives shorter, by half of it or less."""


async def play(stage: Stage) -> None:
    """Call with tokens that are made from a good one, and with one when its time is over."""
    async with client(stage) as user, client(stage) as hasty:
        stage.arm("short-lived", seconds=_LIFE)
        await hasty.login()
        stage.disarm()
        await user.login()
        await user.initialize()
        good = str(user.tokens.get("access_token", ""))
        for step, tokens in {
            _MALFORMED: ["not-a-token", "..", good[: len(good) // 2]],
            _ALTERED: _altered(good),
            _FOREIGN: [_foreign(good, user)],
            _UNSIGNED: [_unsigned(good, user)],
            _REFRESH: [user.tokens[name] for name in ("refresh_token",) if name in user.tokens],
            _SERVICES: access_tokens(stage)[-1:],
        }.items():
            stage.step(step)
            for token in tokens:
                await _tried(user, token)
        await asyncio.sleep(_until_over(stage, hasty))  # the target's clock is the real one
        stage.step(_OVER)
        await _tried(hasty, str(hasty.tokens.get("access_token", "")))


def _until_over(stage: Stage, user: Client) -> float:
    """Give the seconds until the user's token is over, whatever the leeway of whoever takes it.

    Raises StuckError if that is too long to wait for.
    """
    bridge, lives = stage.config.bridge, user.tokens.get("expires_in")
    if not isinstance(lives, int) or lives > bridge.wait:
        seen = f"while the service's token lives {_LIFE} s, that of the target lives {lives} s"
        raise StuckError(f"{seen}; a play waits {bridge.wait:g} s ([bridge] wait)")
    return lives + bridge.leeway + 1  # times in tokens are whole seconds


async def _tried(user: Client, token: str) -> None:
    user.headers["authorization"] = f"Bearer {token}"
    await user.initialize()


def _altered(token: str) -> list[str]:
    """Give the token with another letter in the middle of each of its parts.

    The last letter of a part may have bits that mean nothing.
    """
    parts = token.split(".")
    found = []
    for at, part in enumerate(parts):
        if part:
            middle = len(part) // 2
            other = "A" if part[middle] != "A" else "B"
            changed = part[:middle] + other + part[middle + 1 :]
            found.append(".".join((*parts[:at], changed, *parts[at + 1 :])))
    return found


def _foreign(token: str, user: Client) -> str:
    """Give a token like it that somebody else has made; of one that is opaque, a random one."""
    header, size = _header(token), token.count(".") + 1
    if size == 5 and header.get("alg") == "dir":
        bits = {"A128GCM": 128, "A192GCM": 192, "A256GCM": 256, "A128CBC-HS256": 256}
        key = OctKey.generate_key(bits.get(str(header.get("enc")), 512))
        return jwe.encrypt_compact(header, json.dumps(_claims(token, user)).encode(), key)
    if size == 3:
        key = OctKey.generate_key(256)
        return jwt.encode({"alg": "HS256", "typ": "JWT"}, _claims(token, user), key)
    return secrets.token_urlsafe(len(token))[: len(token)]


def _unsigned(token: str, user: Client) -> str:
    """Give a JWT like it by the algorithm none (RFC 7519, 6)."""
    parts = ({"alg": "none", "typ": "JWT"}, _claims(token, user))
    return ".".join([*(_coded(json.dumps(part).encode()) for part in parts), ""])


def _claims(token: str, user: Client) -> dict[str, Any]:
    """Give the claims of a token that can be read, else such as may be in it."""
    site = user.server.get("issuer")
    usual = {"iss": site, "aud": user.url, "sub": "user-1", "exp": 4102444800}
    return usual | (_json(token.split(".")[1]) if token.count(".") == 2 else {})


def _header(token: str) -> dict[str, Any]:
    return _json(token.partition(".")[0])


def _json(part: str) -> dict[str, Any]:
    try:
        found = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _coded(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def _refused(step: str, evidence: Evidence) -> Verdict:
    return refusals.unauthorized(evidence, step, f"a call with {step}")


FAMILY = Family(
    title="Access tokens that are not good",
    play=play,
    seconds=700,
    checks=(
        Check(
            id="bearer.malformed",
            title="What is no token is refused with 401",
            severity="MUST",
            source=rfc(6750, "3.1"),
            remedy="Answer 401 with error=invalid_token, whatever it is that comes.",
            judge=partial(_refused, _MALFORMED),
        ),
        Check(
            id="bearer.altered",
            title="An altered token is refused with 401",
            severity="MUST",
            source=rfc(6750, "5.2"),
            remedy="Verify the signature, or the tag, of every part before anything is read.",
            judge=partial(_refused, _ALTERED),
        ),
        Check(
            id="bearer.foreign",
            title="A token that somebody else has made is refused with 401",
            severity="MUST",
            source=rfc(8725, "3.3"),
            remedy="Verify with the bridge's own key only.",
            judge=partial(_refused, _FOREIGN),
        ),
        Check(
            id="bearer.unsigned",
            title="A token by the algorithm none is refused with 401",
            severity="MUST",
            source=rfc(8725, "3.1"),
            remedy="Say in the code which algorithms are taken; never believe the token.",
            judge=partial(_refused, _UNSIGNED),
        ),
        Check(
            id="bearer.refresh-token",
            title="A refresh token is no access token",
            severity="MUST",
            source=rfc(6749, "1.5"),
            remedy="Use another key, or check a claim that tells the kinds apart.",
            judge=partial(_refused, _REFRESH),
        ),
        Check(
            id="bearer.service",
            title="A token that the service issued is not good at the bridge",
            severity="MUST",
            source=spec(
                "2025-06-18", "basic/authorization", "token-audience-binding-and-validation"
            ),
            remedy="Take tokens that the bridge has issued itself, and no others.",
            judge=partial(_refused, _SERVICES),
        ),
        Check(
            id="bearer.expired",
            title="A token whose time is over is refused with 401",
            severity="MUST",
            source=spec("2025-06-18", "basic/authorization", "token-handling"),
            remedy="Check exp. The bridge's own clock has set it, so that it needs no leeway; one "
            "that is meant can be said in wiretape.toml.",
            judge=partial(_refused, _OVER),
        ),
    ),
)
