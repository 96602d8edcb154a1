"""Takes findings' values apart: whatever they are, the answer is of the kind that was asked for."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from pydantic import JsonValue


def members(value: JsonValue) -> dict[str, JsonValue]:
    """Give an object's members; none if it is something else."""
    return value if isinstance(value, dict) else {}


def member(value: JsonValue, *names: str) -> JsonValue:
    """Follow names into objects; `None` where one is not there."""
    for name in names:
        value = members(value).get(name)
    return value


def texts(value: JsonValue) -> list[str]:
    """Give the texts in a list, or the words of a text."""
    if isinstance(value, str):
        return value.split()
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def number(value: JsonValue) -> float | None:
    """Give a number; a flag is none."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def status(value: JsonValue) -> int | None:
    """Give the HTTP status of an answer, or a status by itself."""
    found = member(value, "status") if isinstance(value, dict) else value
    return found if isinstance(found, int) else None


def missing(reference: Iterable[str], subject: Iterable[str]) -> list[str]:
    """Give what the reference has and the subject has not, whatever the case."""
    there = {each.lower() for each in subject}
    return [each for each in reference if each.lower() not in there]


def listed(names: Iterable[str], most: int = 8) -> str:
    """Name things in a row, not too many."""
    shown = list(names)
    more = f" and {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + more


def alike(one: JsonValue, other: JsonValue) -> bool:
    """Tell whether two values say the same of a service, wherever it is and in whatever order.

    Of objects the members are compared that both have.
    """
    match one, other:
        case dict(), dict():
            return all(alike(one[name], other[name]) for name in one.keys() & other.keys())
        case list(), list():
            return len(one) == len(other) and all(map(alike, _sorted(one), _sorted(other)))
        case str(), str():
            return one == other or (_path(one) is not None and _path(one) == _path(other))
    return one == other


def _sorted(values: list[JsonValue]) -> list[JsonValue]:
    return sorted(values, key=lambda each: _path(each) or repr(each))


def _path(value: JsonValue) -> str | None:
    """Give what of a URL is not its host."""
    if not isinstance(value, str) or not value.startswith(("https://", "http://")):
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    return f"{parts.path.rstrip('/')}?{parts.query}"
