"""The sequence diagram of a journey: lifelines, and between them two arrows for each step."""

from dataclasses import dataclass

from wiretape.analysis.facts import Place
from wiretape.analysis.picture import Ending, Journey, Step

_CHARACTER = 7.3
_MARGIN = 4.0
_HEAD = 44.0
_ROW = 50.0
_NARROWEST, _WIDEST = 170.0, 460.0


@dataclass(frozen=True)
class Lifeline:
    """A participant, `x` pixels from the left."""

    name: str
    full: str
    x: float


@dataclass(frozen=True)
class Arrow:
    """A step: the request's arrow at height `y`, the answer's at `back`; text is at `text_x`."""

    number: int
    x1: float
    x2: float
    y: float
    back: float
    text_x: float
    asked: str
    answered: str
    full: str
    ending: Ending
    place: Place


@dataclass(frozen=True)
class Sequence:
    """A sequence diagram in pixels."""

    width: float
    height: float
    top: float
    lifelines: tuple[Lifeline, ...]
    arrows: tuple[Arrow, ...]


def sequence(journey: Journey) -> Sequence:
    """Lay out a journey."""
    names = journey.participants
    xs = _columns(journey)
    lifelines = tuple(
        Lifeline(shortened(name.partition("://")[2] or name, 26), name, x)
        for name, x in zip(names, xs, strict=True)
    )
    by_name = dict(zip(names, xs, strict=True))
    arrows = tuple(_arrow(number, step, by_name) for number, step in enumerate(journey.steps))
    return Sequence(
        width=xs[-1] + _half(names[-1]) + _MARGIN,
        height=_HEAD + _ROW * len(arrows) + _MARGIN,
        top=_HEAD,
        lifelines=lifelines,
        arrows=arrows,
    )


def shortened(text: str, most: int) -> str:
    """Cut a text in its middle, where it tells least."""
    if len(text) <= most:
        return text
    kept = most - 1
    return f"{text[: kept - kept // 2]}…{text[-(kept // 2) :]}"


def _half(name: str) -> float:
    return max(60.0, min(len(name), 26) * _CHARACTER / 2 + 10)


def _columns(journey: Journey) -> list[float]:
    """Place the participants so that what two of them say fits between them."""
    names = list(journey.participants)
    xs = [_MARGIN + _half(names[0])]
    for right in range(1, len(names)):
        here = max(_NARROWEST, _half(names[right - 1]) + _half(names[right]) + 12)
        wanted = xs[-1] + here
        for step in journey.steps:
            left, end = sorted((names.index(step.by), names.index(step.to)))
            if end == right:
                wanted = max(wanted, xs[left] + min(_needed(step), _WIDEST))
        xs.append(wanted)
    return xs


def _needed(step: Step) -> float:
    return max(len(_asked(step)), len(step.answered)) * _CHARACTER + 30


def _asked(step: Step) -> str:
    return step.asked if step.count == 1 else f"{step.asked} ({step.count} times)"


def _arrow(number: int, step: Step, xs: dict[str, float]) -> Arrow:
    x1, x2 = xs[step.by], xs[step.to]
    fits = int((abs(x2 - x1) - 26) / _CHARACTER)
    y = _HEAD + 26 + _ROW * number
    return Arrow(
        number=number + 1,
        x1=x1,
        x2=x2,
        y=y,
        back=y + 21,
        text_x=min(x1, x2) + 12,
        asked=shortened(_asked(step), fits),
        answered=shortened(step.answered, fits),
        full=f"{_asked(step)}: {step.answered}",
        ending=step.ending,
        place=step.place,
    )
