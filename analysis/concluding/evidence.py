"""What observers share: whose exchanges count, which lines to show, how to repeat what was said."""

from collections.abc import Iterable
from itertools import chain

from msgspec import UNSET, Raw

from wiretape.analysis.facts import Place, Tally
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.raw import fields
from wiretape.recorder.log.records import Body
from wiretape.recorder.probe.known import USER_AGENT

_LINES = 12
_CHARACTERS = 120


def deliberate(seen: Seen) -> bool:
    """Tell whether the probe asked this, which makes mistakes to see what comes of them."""
    return seen.client == USER_AGENT


def probed(scene: Scene) -> bool:
    """Tell whether the probe was among the clients."""
    return USER_AGENT in scene.names


def lines(*evidence: Iterable[Place]) -> tuple[Place, ...]:
    """Give the lines to look at in their order, each once; of too many those that came first."""
    return tuple(sorted(tuple(dict.fromkeys(chain.from_iterable(evidence)))[:_LINES]))


def shown(*tallies: Tally | None) -> tuple[Place, ...]:
    """Give the lines of tallies whose values are tuples that begin with evidence."""
    return lines(*(value[0] for tally in tallies if tally for value in tally.values))


def quote(said: str | None) -> str:
    """Repeat in quotation marks what somebody else said, not too much of it."""
    said = " ".join((said or "").split())
    return f"“{said if len(said) <= _CHARACTERS else said[: _CHARACTERS - 1] + '…'}”"


def words(body: Body | None) -> str:
    """Give the beginning of a body as text, to look for words in; none of a binary one."""
    if body is None or body.base64 is not None:
        return ""
    return body.data()[:4096].decode(errors="replace")


def document(body: Body | None) -> dict[str, Raw]:
    """Give the fields of a body that is a JSON object; none of any other."""
    return fields(None if body is None or body.json is UNSET else body.json)
