"""What is known of a service by the names that users give: profiles, and recordings."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from wiretape.analysis.analyse import Analysis, analyse
from wiretape.analysis.profile.compile import profile_of
from wiretape.analysis.profile.model import Profile
from wiretape.replay.profiles import profile_named
from wiretape.replay.recorded.index import Index
from wiretape.replay.recorded.reading import Progress, interactions


class Known(NamedTuple):
    """A service's profile, and what was answered in recordings, if there are any."""

    profile: Profile
    recorded: Index | None = None


def known(
    service: Profile | str,
    recordings: Sequence[Path] = (),
    learn: Callable[[Sequence[Path]], Analysis] = analyse,
    progress: Progress = lambda _: None,
) -> Known:
    """Give what is known of a profile, or by its name, or a file's; of recordings by learning.

    Raises BadInputError for what can be neither.
    """
    if isinstance(service, Profile):
        profile = service
    elif is_recording(service):
        recordings = (Path(service), *recordings)
        analysis = learn(recordings)
        profile = profile_of(analysis, analysis.sources[0].opening.name)
    else:
        profile = profile_named(service)
    if not recordings:
        return Known(profile)
    endpoints = {each for each in (profile.endpoints.mcp, profile.endpoints.sse) if each}
    return Known(profile, Index(interactions(recordings, endpoints, progress)))


def is_recording(name: str) -> bool:
    """Tell whether a name is that of a recording: each of its lines is a JSON object."""
    try:
        with Path(name).open("rb") as file:
            return file.read(1) == b"{"
    except OSError:
        return name.endswith(".jsonl")
