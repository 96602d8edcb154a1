"""What the analysis concludes from a play, or from a recording.

found = findings(play)
assert found["token.lifetime"].value == 3300
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from play import Play
from wiretape.analysis.analyse import Analysis, analyse
from wiretape.analysis.diagnosis import Diagnosis
from wiretape.analysis.finding import Finding
from wiretape.analysis.folding.audience import Audience
from wiretape.analysis.folding.fold import Fold
from wiretape.analysis.observers import SCENE, observers
from wiretape.analysis.scene import scene


def concluded(*recordings: Play | Path) -> Analysis:
    """Analyse recordings together."""
    with TemporaryDirectory() as scratch:
        return analyse([_path(item, Path(scratch, str(n))) for n, item in enumerate(recordings)])


def findings(*recordings: Play | Path) -> dict[str, Finding]:
    """Give the findings by id; there must not be two of the same id."""
    found = [each for area in concluded(*recordings).findings.values() for each in area]
    by_id = {each.id: each for each in found}
    assert len(by_id) == len(found), sorted(each.id for each in found)
    return by_id


def diagnoses(*recordings: Play | Path) -> list[Diagnosis]:
    """Give the diagnoses."""
    return list(concluded(*recordings).diagnoses)


def seconds_to_conclude(play: Play, name: str) -> float:
    """Give the processor time that one observer takes to conclude, without reading the play."""
    audience = Audience({each: observers()[each] for each in (SCENE, name)})
    fold = Fold(audience, 0)
    for number, record in play.lines:
        fold.add(number, record)
    fold.finish()
    facts = audience.learnt()
    stage = scene(facts[SCENE])
    start = process_time()
    assert list(observers()[name].conclude(facts[name], stage))
    return process_time() - start


def _path(recording: Play | Path, scratch: Path) -> Path:
    return recording.write(scratch) if isinstance(recording, Play) else recording
