"""From a profile by its replay and a probe back to a profile."""

import random
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import httpx

from concluded import concluded
from misbehaving import Client, message, waits_for
from peers.processes import environment
from replayed import WIRETAPE, replaying, shipped
from wiretape.analysis.profile.compile import profile_of
from wiretape.analysis.profile.known import Path as Keys
from wiretape.analysis.profile.known import found
from wiretape.analysis.profile.model import Profile
from wiretape.analysis.profile.standing import dotted
from wiretape.analysis.profile.toml import read, write
from wiretape.analysis.profile.values import said
from wiretape.recorder.log.urls import origin, path
from wiretape.replay.background import replayed
from wiretape.replay.clock import Clock
from wiretape.replay.oauth.shapes import ALPHABETS, made

_SECONDS = 100
_PROBE = (
    *(*WIRETAPE, "probe", "--active", "--record", "--headless", "--quiet", "--insecure"),
    *("--rate", "100"),
)
_BOUNDS = {"low", "high"}
_BAD, _MALFORMED = "Bearer nobody-gave-this", "Bearer not a token"
_BEFORE, _AFTER = 0.01, 16
"""When a token is used last before its end, as a part of its life, and first after it, in s."""

_HURRIED = 60
"""A token that lives for fewer seconds may end before a probe does: time then runs slower."""


@dataclass(frozen=True)
class Learnt:
    """The values of a profile, by their paths, and those of what was learnt of its replay."""

    before: dict[Keys, Any]
    after: dict[Keys, Any]

    @property
    def lost(self) -> list[str]:
        """Name what was not learnt again."""
        return [dotted(keys) for keys in self.before if keys not in self.after]

    @property
    def changed(self) -> list[str]:
        """Name what is not as it was, with nothing added."""
        return [
            dotted(keys)
            for keys, value in self.before.items()
            if keys in self.after and not contains(self.after[keys], value)
        ]

    @property
    def equal(self) -> int:
        """Count what is as it was."""
        return len(self.before) - len(self.lost) - len(self.changed)


def contains(after: Any, before: Any) -> bool:
    """Tell whether what was learnt has all that was known before, and perhaps more.

    Objects have all members, lists all items in whatever order, and a list the one value that there
    was. Of a shape, where the profile tells what may be, a recording has some: its lengths are
    within those, its letters are among those. Anything else is equal.
    """
    match before, after:
        case dict(), dict():
            return all(
                name in after and _has(name, after[name], value) for name, value in before.items()
            )
        case list(), list():
            return all(any(contains(one, each) for one in after) for each in before)
        case _, list():
            return before in after
    return bool(before == after)


def _has(name: str, after: Any, before: Any) -> bool:
    match name, before:
        case "length", [least, most]:
            lengths = after if isinstance(after, list) else [after]
            return all(least <= length <= most for length in lengths)
        case "alphabet", str() if {before, after} <= ALPHABETS.keys():
            return {*ALPHABETS[after]} <= {*ALPHABETS[before]}
    return contains(after, before)


def besides(names: Iterable[str], patterns: Collection[str]) -> list[str]:
    """Give the names that no pattern is for."""
    return [name for name in names if not any(fnmatch(name, pattern) for pattern in patterns)]


def probed(name: str, folder: Path) -> Learnt:
    """Replay a shipped profile, and probe all its endpoints through the recorder."""
    profile = shipped(name)
    hurried = (profile.token.lifetime or _HURRIED) < _HURRIED
    with replaying(folder, name, *(("--clock-rate", "0.02") if hurried else ())):
        local = _local(folder)
        for endpoint in filter(None, (profile.endpoints.mcp, profile.endpoints.sse)):
            url = local[origin(endpoint)] + path(endpoint)
            _run(folder, *_PROBE, "--out", str(folder), *_words(profile), url)
    return _learnt(profile, local, folder)


def followed(name: str, folder: Path) -> Learnt:
    """Replay a shipped profile by TLS, to a recorded client that follows redirects anywhere."""
    profile = shipped(name)
    record = (*WIRETAPE, "record", "--out", str(folder), "--upstream-ca")
    client = (sys.executable, "-m", "peers.redirected_client")
    with replaying(folder, name, "--tls") as (_, url):
        local = _local(folder)
        (ca,) = (line for line in _said(folder) if "SSL_CERT_FILE=" in line)
        _run(folder, *record, ca.partition("SSL_CERT_FILE=")[2], "--", *client, url)
    return _learnt(profile, local, folder)


def lived(name: str, folder: Path) -> Learnt:
    """Replay a shipped profile under record, in virtual time, beyond the end of a token."""
    profile = shipped(name)
    clock = Clock(1_700_000_000, rate=0)
    with (
        replayed(name, clock=clock, record=folder) as service,
        httpx.Client(timeout=5, trust_env=False) as http,
    ):
        local = service.do(lambda at: dict(at.origins.local))
        client = _Patient(service, http)
        client.grant()
        endpoints = {"mcp": profile.endpoints.mcp, "sse": profile.endpoints.sse}
        for role, known in profile.stream.items():
            if known.keepalive is not None and (endpoint := endpoints.get(role)):
                client.stays(local[origin(endpoint)] + path(endpoint))
        client.outlives()
    return _learnt(profile, local, folder)


class _Patient(Client):
    """A client that waits, while the clock is moved for it."""

    posts_to: str | None = None

    @property
    def metadata(self) -> Any:
        told = self.service.env()
        names = ("registration", "authorization", "token")
        return {f"{name}_endpoint": told[f"WIRETAPE_{name.upper()}_URL"] for name in names}

    def stays(self, url: str) -> None:
        """Listen where keep-alives come, for times that leave one interval possible: 30 s."""
        for rest in (29.9, 0.1):
            with self.listening(url) as chunks:
                self.waits(30)
                next(chunks)
                self.waits(rest)
            waits_for(lambda: not self.service.do(_somebody_listens))

    def waits(self, seconds: float) -> None:
        """Let time pass, once a stream waits for that."""
        waits_for(lambda: self.service.do(lambda at: bool(at.service.world.clock._waiters)))
        self.service.clock.advance(seconds)

    @contextmanager
    def listening(self, url: str) -> Iterator[Iterator[bytes]]:
        """Open a stream; of HTTP+SSE the first event is read, and kept as `posts_to`."""
        if not url.endswith("/sse"):
            self.begin()
        headers = self.headers | {"accept": "text/event-stream"}
        with self.http.stream("GET", url, headers=headers) as stream:
            assert stream.status_code == 200
            chunks = stream.iter_raw()
            if url.endswith("/sse"):
                told = next(chunks).partition(b"data: ")[2].split()[0].decode()
                self.posts_to = str(httpx.URL(url).join(told))
            yield chunks

    def outlives(self) -> None:
        """Use a token shortly before its end and shortly after it, everywhere.

        No stream is open while time makes a leap: all its keep-alives would be due at once.
        """
        self.take(self.refresh())
        life = self.tokens["expires_in"]
        self.service.clock.advance(life * (1 - _BEFORE))
        with ExitStack() as open_:
            for url in self.service.urls:
                open_.enter_context(self.listening(url))
            self.asks_everywhere()
            self.service.clock.advance(life * _BEFORE + _AFTER)
            self.asks_everywhere()
            for wrong in (_BAD, _MALFORMED):
                self.headers["authorization"] = wrong
                self.asks_everywhere()

    def asks_everywhere(self) -> None:
        """Post a ping to all places, and listen nowhere."""
        posts_to = [self.posts_to] if self.posts_to is not None else []
        for url in (*self.service.urls, *posts_to):
            self.http.post(url, json=message("ping", 1), headers=self.headers)
        for url in self.service.urls:
            headers = self.headers | {"accept": "text/event-stream"}
            with self.http.stream("GET", url, headers=headers):
                pass


def _somebody_listens(at: Any) -> bool:
    sessions = at.service.world.sessions.open.values()
    return any(each.stream is not None and each.stream.is_read for each in sessions)


def _words(profile: Profile) -> Iterator[str]:
    """Give what the probe must be told of a service: a tool to call, a token of somebody else's."""
    for tool in (profile.tools.list or ())[:1]:
        yield from ("--call", f"{tool}={{}}")
    shape = profile.token.access.shape
    if profile.endpoints.token is None and shape is not None:
        yield from ("--header", f"authorization: Bearer {made(shape, dice=random.Random(7))}")


def _run(folder: Path, *command: str) -> None:
    home = {"XDG_DATA_HOME": str(folder / "home")}
    subprocess.run(command, env=environment() | home, check=True, timeout=_SECONDS)


def _said(folder: Path) -> list[str]:
    return (folder / "stderr.txt").read_text().splitlines()


def _local(folder: Path) -> dict[str, str]:
    """Give the origins that a replay stands in for, and where it does."""
    pairs = [line.split(" stands for ") for line in _said(folder) if " stands for " in line]
    return {named.strip(): here.strip() for here, named in pairs}


def _learnt(profile: Profile, local: Mapping[str, str], folder: Path) -> Learnt:
    text = write(profile_of(concluded(*sorted(folder.glob("*.jsonl"))), profile.name))
    for named, here in local.items():
        text = text.replace(here, named)
    again = folder / "again.toml"
    again.write_text(text)
    return Learnt(values(profile), values(read(again)))


def values(profile: Profile) -> dict[Keys, Any]:
    """Give the values by their paths; what is measured without its bounds."""
    return {value.path: _value(value.leaf.measured, said(value.value)) for value in found(profile)}


def _value(measured: bool, value: Any) -> Any:  # of a pair
    if not (measured and isinstance(value, dict)):
        return value
    return {name: part for name, part in value.items() if name not in _BOUNDS}
