"""An Accept header that is right is refused as if it were wrong: one of the SDKs is too old.

MCP's Python SDK relaxed what it demands of Accept in 1.20. What is right: a POST lists JSON and
event streams, a GET event streams (MCP 2025-06-18, Transports).
"""

import re
from collections.abc import Iterator

from wiretape.analysis.concluding.evidence import deliberate, quote, shown, words
from wiretape.analysis.diagnosis import Confidence, Diagnosis
from wiretape.analysis.facts import Fact, Facts
from wiretape.analysis.observer import Observer
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.jsonrpc import Call
from wiretape.recorder.log.raw import fields, text

_WANTED = {
    "POST": {"application/json", "text/event-stream"},
    "GET": {"text/event-stream"},
}
_ABOUT_ACCEPT = re.compile(
    r"not acceptable|\baccept[ -]header|\baccept\b.{0,80}(?:application/json|text/event-stream)",
    re.IGNORECASE | re.DOTALL,
)
_VERSION = re.compile(r"\b(fastmcp|mcp)[\w-]*[/ ](\d{1,4})\.(\d{1,4})", re.IGNORECASE)
_RELAXED = {"mcp": (1, 20), "fastmcp": (2, 13)}


def _exchange(seen: Seen) -> Iterator[Fact]:
    wanted = _WANTED.get(seen.method)
    if seen.status not in {400, 406} or wanted is None or deliberate(seen):
        return
    ranges = (part.partition(";") for line in seen.sent.all("accept") for part in line.split(","))
    listed = {kind.strip().lower() for kind, _, quality in ranges if "q=0" not in quality.split()}
    said = words(seen.body)
    if wanted <= listed and _ABOUT_ACCEPT.search(said):
        yield Fact(("refused", _sdk(seen)), (seen.evidence, seen.status, said, seen.route))


def _sdk(seen: Seen) -> str:
    """Give what the client says it is: its clientInfo, else its User-Agent."""
    for call in seen.said:
        if isinstance(call, Call):
            info = fields(fields(call.params).get("clientInfo"))
            if name := text(info.get("name")):
                return f"{name} {text(info.get('version')) or ''}"
    return seen.client


def _is_old(sdk: str) -> bool:
    found = _VERSION.search(sdk)
    if found is None:
        return False
    return (int(found[2]), int(found[3])) < _RELAXED[found[1].lower()]


def _conclude(facts: Facts, _: Scene) -> Iterator[Diagnosis]:
    for (sdk,), tally in facts.of("refused"):
        _, status, said, route = tally.value
        confidence: Confidence = "likely" if _is_old(sdk) else "possible"
        yield Diagnosis(
            id="sdk_outdated",
            title="A right Accept header is refused",
            seen=f"{counted(tally.count, 'request')} of {quote(sdk)} to {route} with a right "
            f"Accept header: {status} {quote(said)}.",
            cause="The SDK of the client or of the server is outdated: early versions are wrong "
            "about the Accept header.",
            remedy="Update the SDK on both sides (mcp to 1.20 or newer, fastmcp to 2.13 or newer).",
            confidence=confidence,
            evidence=shown(tally),
            source="MCP 2025-06-18, Transports: sending messages to the server",
        )


DIAGNOSIS = Observer[Diagnosis](
    title="SDK outdated",
    wants=frozenset({"failed"}),
    exchange=_exchange,
    conclude=_conclude,
)
