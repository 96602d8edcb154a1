"""Whether a server is as a profile has it: each rule of `wiretape compare` is a check.

The comparison is made when the probe has walked the server, and is noted in the recording. A
difference that breaks clients is a failure, any other a warning.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import msgspec

from wiretape.analysis.comparison.compare import compare
from wiretape.analysis.comparison.known import Known, of_profile, read
from wiretape.analysis.comparison.model import Comparison, Difference
from wiretape.analysis.comparison.phrases import said
from wiretape.analysis.comparison.rule import Rule, Severity, matches, rules
from wiretape.recorder.log.urls import origin
from wiretape.replay.conformance.check import Check, Family, Source
from wiretape.replay.conformance.driving.probing import probed
from wiretape.replay.conformance.evidence import Evidence
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.verdict import Outcome, Verdict, met, untestable
from wiretape.replay.profiles import profile_named

_COMPARED = "compared"
_OUTCOMES: dict[Severity, Outcome] = {"breaking": "fail", "risky": "warn", "cosmetic": "warn"}
_FEW = 3
_RULES = {area: rule for area, rule in rules().items() if rule.judges}
_REST = "rest"
"""Stands for what no rule is about: troubles, and findings that nobody is known to mind."""


class _Different(msgspec.Struct):
    """A difference, in words; `lines` are lines of the recording."""

    id: str
    severity: Severity
    title: str
    remedy: str
    seen: str
    lines: tuple[int, ...]


class _Area(msgspec.Struct):
    """What came of a rule: how many findings were compared, which ones were not seen."""

    area: str
    compared: int
    unseen: tuple[str, ...]
    different: tuple[_Different, ...]


async def play(stage: Stage) -> None:
    """Walk the server with the probe, and compare what was recorded with the profile."""
    await probed(stage)
    stage.taken.afterwards.finish()
    profile = profile_named(stage.config.upstream.profile)
    reference = of_profile(profile, Path(f"{profile.name}.toml"))
    subject = read(stage.taken.path, {origin(stage.target.url)})
    for area in _areas(reference, compare(reference, subject, {})):
        stage.note(_COMPARED, msgspec.json.encode(area).decode())


def _areas(reference: Known, found: Comparison) -> Iterator[_Area]:
    missing = {each.finding for each in found.unseen if each.missing_in == "subject"}
    for area, rule in _RULES.items():
        known = {id_ for id_ in reference.service.findings if _is_about(rule, id_)}
        different = (each for each in found.differences if each.area == area)
        yield _area(area, known, missing, different)
    rest = {
        id_
        for id_ in reference.service.findings
        if not any(rule.speaks_of(id_) for rule in rules().values())
    }
    yield _area(
        _REST, rest, missing, (each for each in found.differences if each.area not in _RULES)
    )


def _area(area: str, known: set[str], missing: set[str], different: Iterable[Difference]) -> _Area:
    return _Area(
        area=area,
        compared=len(known - missing),
        unseen=tuple(sorted(known & missing)),
        different=tuple(map(_told, different)),
    )


def _is_about(rule: Rule, id_: str) -> bool:
    return matches(id_, rule.judges) and not matches(id_, rule.tolerates)


def _told(difference: Difference) -> _Different:
    first = difference.sightings[0]
    before, after = said(first)
    shown = (each.subject.lines[:_FEW] for each in difference.sightings[:_FEW] if each.subject)
    lines = {line for lines in shown for line in lines}
    return _Different(
        id=difference.id,
        severity=difference.severity,
        title=difference.title,
        remedy=difference.remedy,
        seen=f"{after} instead of {before}",
        lines=tuple(sorted(lines)),
    )


def _judge(evidence: Evidence, area: str) -> Verdict:
    for noted in evidence.noted(_COMPARED):
        found = _read(noted)
        if found is not None and found.area == area:
            return _verdict(found)
    return untestable("the server was not compared with the profile")


def _read(noted: str) -> _Area | None:
    try:
        return msgspec.json.decode(noted, type=_Area)
    except (ValueError, RecursionError):
        return None


def _verdict(found: _Area) -> Verdict:
    if found.different:
        worst = found.different[0]  # as a comparison sorts them
        others = len(found.different) - 1
        more = f", and {others} more: " if others else ""
        more += ", ".join(each.id for each in found.different[1 : _FEW + 1])
        lines = {line for each in found.different for line in each.lines}
        seen = f"{worst.title}: {worst.seen} ({worst.id}){more}"
        return Verdict(_OUTCOMES[worst.severity], seen, tuple(sorted(lines)))
    if found.unseen and not found.compared:
        return untestable(f"the probe could not see {_listed(found.unseen)}")
    if not found.compared:
        return met("the profile says nothing of it")
    besides = f"; not seen: {_listed(found.unseen)}" if found.unseen else ""
    return met(f"{found.compared} findings are as the profile has them{besides}")


def _listed(ids: tuple[str, ...]) -> str:
    rest = f" and {len(ids) - _FEW} more" if len(ids) > _FEW else ""
    return ", ".join(ids[:_FEW]) + rest


_TITLES = {area: rule.title for area, rule in _RULES.items()} | {_REST: "Everything else"}

FAMILY = Family(
    title="As the profile has it",
    play=play,
    seconds=300,
    checks=tuple(
        Check(
            id=f"same.{area.replace('_', '-')}",
            title=f"{title}: as the profile has it",
            severity="MUST",
            source=Source("the profile that the server is compared with"),
            remedy="wiretape compare PROFILE RECORDING tells the remedy of each difference.",
            judge=partial(_judge, area=area),
        )
        for area, title in _TITLES.items()
    ),
)
