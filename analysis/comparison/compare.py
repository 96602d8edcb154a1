"""Compares what is known of two services."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from importlib.metadata import version
from typing import NamedTuple

from wiretape.analysis.comparison.correspondence import corresponding
from wiretape.analysis.comparison.ids import nearest, possible
from wiretape.analysis.comparison.known import PROFILE, Known, Taught
from wiretape.analysis.comparison.model import (
    Comparison,
    Difference,
    Misnamed,
    Shown,
    Side,
    Sighting,
    Unseen,
)
from wiretape.analysis.comparison.rule import (
    SEVERITIES,
    UPSTREAM,
    Judgement,
    Pair,
    Sides,
    matches,
    rules,
)
from wiretape.analysis.comparison.troubles import judge
from wiretape.analysis.comparison.values import alike
from wiretape.analysis.finding import Finding

_VERSION = version("wiretape")
_LINES = 12


class _Seen(NamedTuple):
    """A judgement, and where its difference was seen."""

    area: str
    judgement: Judgement
    sighting: Sighting


def compare(reference: Known, subject: Known, accepted: Mapping[str, str]) -> Comparison:
    """Compare two services; `accepted` are reasons by the ids of differences that may be."""
    pairs = list(_pairs(reference.service.findings, subject.service.findings))
    upstream = list(_upstream_pairs(reference, subject))
    found = [
        *_judged(pairs),
        *map(_as_client, _judged(upstream)),
        *_troubles(reference.service, subject.service),
        *map(_as_client, _troubles(reference.upstream, subject.upstream)),
    ]
    differences = _merged(found, accepted)
    ids = {difference.id for difference in differences}
    findings = {each.id for pair in pairs for each in (pair.reference, pair.subject) if each}
    gone = [id_ for id_ in accepted if id_ not in ids]
    return Comparison(
        schema_="wiretape.comparison/1",
        wiretape=_VERSION,
        reference=_side(reference),
        subject=_side(subject),
        compared=sum(pair.reference is not None is not pair.subject for pair in pairs + upstream),
        differences=differences,
        stale=tuple(id_ for id_ in gone if possible(id_, findings)),
        misnamed=tuple(
            Misnamed(id=id_, nearest=nearest(id_, ids))
            for id_ in gone
            if not possible(id_, findings)
        ),
        unseen=tuple(_unseen(pairs, differences)),
    )


def _pairs(reference: Mapping[str, Finding], subject: Mapping[str, Finding]) -> Iterator[Pair]:
    sides = Sides(reference, subject)
    for one, other in corresponding(reference.keys(), subject.keys()):
        yield Pair(
            other or one or "",
            reference[one] if one else None,
            subject[other] if other else None,
            sides,
        )


def _upstream_pairs(reference: Known, subject: Known) -> Iterator[Pair]:
    """Compare the subject as a client: with the reference as one, or with the reference's clients.

    What the reference's clients do is known to work with it.
    """
    patterns = [pattern for rule in rules().values() for pattern in rule.of_clients]
    known = {**reference.service.findings, **reference.upstream.findings}
    sides = Sides(known, subject.upstream.findings)
    for id_, finding in subject.upstream.findings.items():
        if id_ in known and matches(id_, patterns):
            yield Pair(id_, known[id_], finding, sides)


def _judged(pairs: Iterable[Pair]) -> Iterator[_Seen]:
    for pair in pairs:
        concerned = [(area, rule) for area, rule in rules().items() if rule.speaks_of(pair.id)]
        for area, rule in concerned:
            for judgement in rule.judgements(pair):
                yield _Seen(area, judgement, _sighting(pair, judgement.about))
        if not concerned and pair.reference is not None and pair.subject is not None:
            yield from _generic(pair, pair.reference, pair.subject)


def _generic(pair: Pair, reference: Finding, subject: Finding) -> Iterator[_Seen]:
    """What no rule speaks of may matter to somebody."""
    if alike(reference.value, subject.value) or _within_bounds(reference, subject):
        return
    judgement = Judgement(
        id=pair.id,
        severity="cosmetic",
        title=f"{subject.title}: not as the reference has it",
        why="No client is known to mind.",
        remedy="None is needed.",
    )
    yield _Seen(pair.id.partition(".")[0], judgement, _sighting(pair))


def _within_bounds(reference: Finding, subject: Finding) -> bool:
    """Whether two measurements may be of the same value."""
    lows, highs = (reference.low, subject.low), (reference.high, subject.high)
    if None in lows or None in highs:
        return False
    return max(low or 0 for low in lows) <= min(high or 0 for high in highs)


def _troubles(reference: Taught, subject: Taught) -> Iterator[_Seen]:
    if reference.troubles is None:
        return
    known = {diagnosis.id for diagnosis in reference.troubles}
    for diagnosis in subject.troubles or ():
        if diagnosis.id not in known:
            lines = tuple(place.line for place in diagnosis.evidence)
            shown = Shown(finding=f"diagnosis.{diagnosis.id}", value=diagnosis.seen, lines=lines)
            sighting = Sighting(title=diagnosis.title, reference=None, subject=shown)
            yield _Seen("troubles", judge(diagnosis), sighting)


def _as_client(seen: _Seen) -> _Seen:
    """Tell a judgement of the subject as a client of another service."""
    judgement = replace(
        seen.judgement,
        id=f"{UPSTREAM}{seen.judgement.id}",
        title=f"Towards upstream: {seen.judgement.title}",
        clients=(),
    )
    return _Seen(UPSTREAM.rstrip("."), judgement, seen.sighting)


def _merged(found: Iterable[_Seen], accepted: Mapping[str, str]) -> tuple[Difference, ...]:
    """Make one difference of all judgements with the same id, as the first of them says it."""
    groups: dict[str, list[_Seen]] = {}
    for seen in found:
        groups.setdefault(seen.judgement.id, []).append(seen)
    differences = [_difference(group, accepted) for group in groups.values()]
    return tuple(
        sorted(differences, key=lambda each: (SEVERITIES.index(each.severity), each.area, each.id))
    )


def _difference(group: list[_Seen], accepted: Mapping[str, str]) -> Difference:
    area, judgement, _ = group[0]
    worst = min((seen.judgement.severity for seen in group), key=SEVERITIES.index)
    return Difference(
        id=judgement.id,
        area=area,
        severity=worst,
        title=judgement.title,
        why=judgement.why,
        remedy=judgement.remedy,
        requirement=judgement.requirement,
        clients=judgement.clients,
        sightings=tuple(_distinct(seen.sighting for seen in group)),
        accepted=accepted.get(judgement.id),
    )


def _distinct(sightings: Iterable[Sighting]) -> Iterator[Sighting]:
    """Leave out what would be said twice, as of a stream's endpoint and of that of its messages."""
    said = set[str]()
    for each in sightings:
        values = [shown and shown.value for shown in (each.reference, each.subject)]
        key = repr((each.title, values))
        if key not in said:
            said.add(key)
            yield each


def _sighting(pair: Pair, about: tuple[str, ...] = ()) -> Sighting:
    named = pair.subject or pair.reference
    return Sighting(
        title=named.title if named else pair.id,
        reference=_shown(pair.reference, about),
        subject=_shown(pair.subject, about),
    )


def _shown(finding: Finding | None, about: tuple[str, ...]) -> Shown | None:
    if finding is None:
        return None
    value = finding.value
    if about and isinstance(value, dict):
        value = {name: value.get(name) for name in about}
    lines = tuple(dict.fromkeys(place.line for place in finding.evidence))[:_LINES]
    return Shown(
        finding=finding.id, value=value, standing=finding.standing, lines=lines, note=finding.note
    )


def _unseen(pairs: Iterable[Pair], differences: Iterable[Difference]) -> Iterator[Unseen]:
    """Name what only one side has, but for what is tolerated or told already."""
    told = {
        shown.finding
        for difference in differences
        for sighting in difference.sightings
        for shown in (sighting.reference, sighting.subject)
        if shown is not None
    }
    tolerated = [pattern for rule in rules().values() for pattern in rule.tolerates]
    tolerated += [pattern for rule in rules().values() if rule.alone for pattern in rule.judges]
    for pair in pairs:
        one = pair.reference or pair.subject
        if pair.reference is not None and pair.subject is not None:
            for title in _unsaid(pair, pair.reference, pair.subject):
                yield Unseen(finding=pair.id, title=title, missing_in="subject")
        elif one is not None and one.id not in told and not matches(one.id, tolerated):
            yield Unseen(
                finding=one.id,
                title=one.title,
                missing_in="subject" if pair.subject is None else "reference",
            )


def _unsaid(pair: Pair, reference: Finding, subject: Finding) -> Iterator[str]:
    for rule in rules().values():
        if rule.unsaid is not None and rule.speaks_of(pair.id):
            yield from rule.unsaid(reference, subject, pair)


def _side(known: Known) -> Side:
    return Side(
        file=str(known.path),
        kind="profile" if known.path.suffix == PROFILE else "recording",
        service=known.origins.service,
        upstream=known.origins.upstream,
        lacks=known.lacks,
    )
