"""Rules: what a difference between two findings means. One a file, found by discovery."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Literal

from wiretape.analysis.comparison import rules as package
from wiretape.analysis.finding import Finding

type Severity = Literal["breaking", "risky", "cosmetic"]
"""`breaking`: a client that works with the reference does not work with the subject; `risky`: some
clients, or in some situations; `cosmetic`: no client is known to mind."""

UPSTREAM = "upstream."
"""Begins the ids of differences in what the subject is as a client of another service."""

SEVERITIES: tuple[Severity, ...] = ("breaking", "risky", "cosmetic")
"""The worst first."""

type Client = Literal[
    "VS Code", "mcp-remote", "Claude", "Python SDK", "TypeScript SDK", "clients in a browser"
]

EVERY_CLIENT: tuple[Client, ...] = (
    "VS Code",
    "mcp-remote",
    "Claude",
    "Python SDK",
    "TypeScript SDK",
)

NOTHING_TO_MEND = "None is needed."


def deviates(requirement: str) -> str:
    """Say why a difference is none of the subject's, where it does as a standard wants."""
    return f"The reference deviates from {requirement}; the subject does as it is written there."


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What a difference means.

    `id` is a dotted path that names the difference, not the finding: judgements with equal ids are
    one difference, seen in several findings. `why` says what breaks for whom, `remedy` what to
    change in the subject, `requirement` names the section of a standard. `about` are the members of
    the findings' values that are meant, if not the whole value.
    """

    id: str
    severity: Severity
    title: str
    why: str
    remedy: str
    requirement: str | None = None
    clients: tuple[Client, ...] = ()
    about: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pair:
    """Findings that correspond to each other.

    Either may be missing, but not both: then it was not seen. `others` are all findings of each
    side, for judgements that depend on more than the pair.
    """

    id: str
    reference: Finding | None
    subject: Finding | None
    others: "Sides"


@dataclass(frozen=True)
class Sides:
    """All findings of both sides, by id."""

    reference: Mapping[str, Finding]
    subject: Mapping[str, Finding]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Judges the findings of an area.

    `gives` are patterns, as for file names, of the ids that its judgements have; `judges` and the
    others are patterns of findings' ids. `judge` gets pairs of which both are there; `alone` what
    only the subject has. `unsaid` names what of a pair cannot be compared, because the subject was
    not seen to be asked for it. Findings that one of the rules `tolerates` may differ without a
    word. Those in `of_clients` tell what clients ask, so they hold for the subject as a client of
    another service, too.
    """

    title: str
    gives: tuple[str, ...] = ()
    judges: tuple[str, ...] = ()
    judge: Callable[[Finding, Finding, Pair], Iterable[Judgement]] | None = None
    alone: Callable[[Finding, Pair], Iterable[Judgement]] | None = None
    unsaid: Callable[[Finding, Finding, Pair], Iterable[str]] | None = None
    tolerates: tuple[str, ...] = ()
    of_clients: tuple[str, ...] = ()

    def speaks_of(self, id_: str) -> bool:
        """Whether it judges or tolerates findings of this id."""
        return matches(id_, self.judges) or matches(id_, self.tolerates)

    def judgements(self, pair: Pair) -> Iterator[Judgement]:
        """Judge a pair, if that is for this rule."""
        reference, subject = pair.reference, pair.subject
        if subject is None or not self.speaks_of(pair.id) or matches(pair.id, self.tolerates):
            return
        if reference is None and self.alone is not None:
            yield from self.alone(subject, pair)
        elif reference is not None and self.judge is not None:
            yield from self.judge(reference, subject, pair)


def matches(id_: str, patterns: Iterable[str]) -> bool:
    """Whether an id matches one of the patterns."""
    return any(fnmatchcase(id_, pattern) for pattern in patterns)


@cache
def rules() -> Mapping[str, Rule]:
    """Import every rule, and give them by the names of their modules, which are the areas.

    Raises TypeError for a module that has none.
    """
    found: dict[str, Rule] = {}
    for name in sorted(module.name for module in iter_modules(package.__path__)):
        rule = getattr(import_module(f"{package.__name__}.{name}"), "RULE", None)
        if not isinstance(rule, Rule):
            raise TypeError(f"{package.__name__}.{name} has no RULE")
        found[name] = rule
    return found
