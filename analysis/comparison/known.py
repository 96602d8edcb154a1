"""What is known of one of the services compared, from a recording or from a profile."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from wiretape.analysis.analyse import Analysis, Engine, gathered, taught
from wiretape.analysis.comparison.by_origin import by_origin, of_origins
from wiretape.analysis.comparison.service import Origins, origins
from wiretape.analysis.diagnosis import Diagnosis
from wiretape.analysis.engines import local
from wiretape.analysis.finding import Finding
from wiretape.analysis.folding.parts import Progress
from wiretape.analysis.folding.whole import Folding
from wiretape.analysis.profile import toml
from wiretape.analysis.profile.compile import findings_of
from wiretape.analysis.profile.model import Profile
from wiretape.analysis.report.phrases import losses
from wiretape.recorder.log.urls import origin

PROFILE = ".toml"


@dataclass(frozen=True)
class Taught:
    """Findings by id, and diagnoses; a profile does not tell of any."""

    findings: Mapping[str, Finding]
    troubles: tuple[Diagnosis, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of a service, and of how it is a client of those upstream.

    `lacks` says in words what is missing in the recording.
    """

    path: Path
    origins: Origins
    service: Taught
    upstream: Taught
    lacks: tuple[str, ...] = ()


def single(paths: Sequence[Path], progress: Progress) -> Folding:
    """Fold in this process."""
    return local.fold(paths, 1, progress, watchers=by_origin)


def read(
    path: Path,
    chosen: Collection[str] = (),
    engine: Engine = single,
    progress: Progress = lambda _: None,
) -> Known:
    """Read a recording, or a profile (`.toml`).

    `chosen` are origins: of a recording with several services it is the one that is among them.
    `engine` lets the observers `by_origin` watch. Raises BadInputError for a file that is neither.
    """
    if path.suffix == PROFILE:
        return of_profile(toml.read(path), path)
    facts, sources = gathered([path], engine, progress)
    whole = taught(of_origins(facts), sources)
    found = origins(whole, chosen)
    service, upstream = _taught(whole), Taught({}, ())
    if found.upstream:
        service, upstream = (
            _taught(taught(of_origins(facts, kept), sources))
            for kept in (found.service, found.upstream)
        )
    return Known(
        path=path,
        origins=found,
        service=service,
        upstream=upstream,
        lacks=tuple(chain.from_iterable(map(losses, sources))),
    )


def of_profile(profile: Profile, path: Path) -> Known:
    """Give what a profile tells; `path` is where it is said to be from."""
    told = (value for _, value in profile.endpoints if isinstance(value, str))
    urls = [each for each in told if each.startswith(("https://", "http://"))]
    found = {finding.id: finding for finding in findings_of(profile)}
    places = Origins(tuple(dict.fromkeys(map(origin, urls))))
    return Known(path=path, origins=places, service=Taught(found), upstream=Taught({}))


def _taught(analysis: Analysis) -> Taught:
    found = chain.from_iterable(analysis.findings.values())
    return Taught({finding.id: finding for finding in found}, analysis.diagnoses)
