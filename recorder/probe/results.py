"""The life of a token as the probe saw it: `token-lifecycle-results-<time>.json`.

Of tokens it holds their form only, and of the service's words only those that RFC 6749 and RFC 6750
define: whatever else it says is in the recording, redacted.
"""

import os
import re
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Raw

from wiretape.recorder.errors import EnvironmentFaultError
from wiretape.recorder.log.raw import fields, text
from wiretape.recorder.probe.metadata import challenge_parameter
from wiretape.recorder.probe.talk import Answer

_SEPARATOR = re.compile(r"[:.]")
_PARAMETERS = ("realm", "scope", "error", "error_description", "error_uri", "resource_metadata")
_ERRORS = {
    "access_denied",
    "insufficient_scope",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "invalid_token",
    "unauthorized_client",
    "unsupported_grant_type",
}


@dataclass(frozen=True)
class Shape:
    """The form of a token: its length and that of its segments between colons or dots."""

    length: int
    segments: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Issued:
    """Tokens of a token answer; `expires_in` is in seconds."""

    at: datetime
    status: int
    token_type: str | None = None
    expires_in: float | None = None
    scope: str | None = None
    access_token: Shape | None = None
    refresh_token: Shape | None = None


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    """A refresh, how long after the grant, and what it changed of the tokens before it.

    `kept_segments` tells of each segment of the access token whether it stayed the same.
    """

    issued: Issued
    seconds_after_grant: float
    rotated: bool | None = None
    kept_segments: tuple[bool, ...] = ()
    scope_kept: bool | None = None
    old_access_token_accepted: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Check:
    """A request with the access token; `seconds_to_expiry` is negative after it.

    A refusal has the scheme, the error and the names of the parameters of its challenge, and the
    error of its body.
    """

    label: str
    at: datetime
    seconds_to_expiry: float
    status: int
    accepted: bool
    scheme: str | None = None
    challenge_error: str | None = None
    challenge_parameters: tuple[str, ...] = ()
    body_error: str | None = None


@dataclass
class Lifecycle:
    """What was measured so far; `at_least` and `less_than` bound the lifetime, in seconds."""

    grant: Issued | None = None
    refresh: Refreshed | None = None
    expires_at: datetime | None = None
    checks: list[Check] = field(default_factory=list)
    at_least: float | None = None
    less_than: float | None = None
    refresh_after_expiry: Refreshed | None = None


def shape(token: str) -> Shape:
    """Describe a token without telling it."""
    return Shape(len(token), tuple(map(len, _SEPARATOR.split(token))))


def kept_segments(old: str, new: str) -> tuple[bool, ...]:
    """Tell which segments two tokens share; none if they have a different number of them."""
    before, after = _SEPARATOR.split(old), _SEPARATOR.split(new)
    if len(before) != len(after):
        return ()
    return tuple(one == other for one, other in zip(before, after, strict=True))


def check(label: str, answer: Answer, end: datetime) -> Check:
    """Describe what became of a request with an access token that ends at `end`."""
    challenge = answer.header("www-authenticate") or ""
    scheme = challenge.partition(" ")[0]
    body = fields(Raw(answer.body))
    return Check(
        label=label,
        at=answer.at,
        seconds_to_expiry=(end - answer.at).total_seconds(),
        status=answer.status,
        accepted=answer.ok,
        scheme=scheme if scheme.lower() in ("bearer", "dpop", "basic") else None,
        challenge_error=_error(challenge_parameter(challenge, "error")),
        challenge_parameters=tuple(
            name for name in _PARAMETERS if challenge_parameter(challenge, name) is not None
        ),
        body_error=_error(text(body.get("error"))),
    )


def write(folder: Path, service: str, recording: Path | None, seen: Lifecycle) -> Path:
    """Write the results to a new file (0600) in `folder` and give its path.

    Raises EnvironmentFaultError if it cannot be created.
    """
    now = datetime.now(UTC)
    name = f"token-lifecycle-results-{now:%Y-%m-%dT%H-%M-%S}-{now.microsecond // 1000:03}Z.json"
    told = {"service": service, "recording": recording and recording.name} | asdict(seen)
    path = folder / name
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "wb") as stream:
            stream.write(msgspec.json.format(msgspec.json.encode(told)) + b"\n")
    except OSError as error:
        raise EnvironmentFaultError(f"cannot write {path}: {error.strerror}") from error
    return path


def _error(value: str | None) -> str | None:
    return value if value is None or value in _ERRORS else "another"
