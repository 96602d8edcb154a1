"""What a check is: one requirement on a target, and how a recording tells whether it is met.

Checks that are shown by the same trial are a family, one file with the trial's play.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from wiretape.replay.conformance.config import Kind
from wiretape.replay.conformance.evidence import Evidence
from wiretape.replay.conformance.verdict import Verdict

type Target = Kind
type Severity = Literal["MUST", "SHOULD", "seed"]
"""From the requirement's source; `seed` is learnt from a failure in production."""


class Source(NamedTuple):
    """Where a requirement comes from: a section by its name, with its address if it has one."""

    name: str
    url: str | None = None


def rfc(number: int, section: str) -> Source:
    """Give a section of an RFC as a source."""
    at = f"https://www.rfc-editor.org/rfc/rfc{number}#section-{section}"
    return Source(f"RFC {number}, {section}", at)


def spec(revision: str, page: str, section: str) -> Source:
    """Give a section of the MCP specification; `section` is the heading's anchor."""
    at = f"https://modelcontextprotocol.io/specification/{revision}/{page}#{section}"
    return Source(f"MCP {revision}, {page}, {section}", at)


@dataclass(frozen=True, kw_only=True)
class Check:
    """One requirement.

    `title` says what ought to be, `remedy` what to do if it is not. `judge` is asked with the
    evidence of the family's trial; with `anywhere` also with that of a recording that nobody played
    for it, where it must find by itself what it is about, or say that it is untestable.
    """

    id: str
    title: str
    severity: Severity
    source: Source
    remedy: str
    judge: Callable[[Evidence], Verdict]
    anywhere: bool = False


@dataclass(frozen=True, kw_only=True)
class Family:
    """Checks with the play that brings about what they judge.

    Without a `play` they judge everything that was recorded in the run. The play takes at most so
    many `seconds`; it is given the stage of its target.
    """

    title: str
    checks: tuple[Check, ...]
    play: Callable[[Any], Awaitable[None]] | None = None
    seconds: float = 30
