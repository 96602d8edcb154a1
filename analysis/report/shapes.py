"""Says a token's shape in words."""

from collections.abc import Iterator

from pydantic import JsonValue

from wiretape.recorder.log.printable import printable

_STABLE = {True: "stays", False: "changes"}


def is_shape(value: JsonValue) -> bool:
    """Whether a value looks like the shape of a token."""
    return isinstance(value, dict) and isinstance(value.get("segments"), list) and "kind" in value


def shape(value: JsonValue) -> str:
    """Say a shape, such as `opaque, 74 characters: 24 hex (stays) : 16 alnum (stays) : …`."""
    if not isinstance(value, dict):
        return ""
    length = f", {_range(value['length'])} characters" if "length" in value else ""
    separator = value.get("separator")
    parts = f" {separator} ".join(_segments(value)) if separator else " ".join(_segments(value))
    return printable(f"{value.get('kind')}{length}" + (f": {parts}" if parts else ""))


def _segments(value: dict[str, JsonValue]) -> Iterator[str]:
    segments = value.get("segments")
    for segment in segments if isinstance(segments, list) else ():
        if isinstance(segment, dict):
            stable = segment.get("stable")
            known = f" ({_STABLE[stable]})" if isinstance(stable, bool) else ""
            yield f"{_range(segment.get('length'))} {segment.get('alphabet')}{known}"


def _range(length: JsonValue) -> str:
    """Say a length, or between which two it is."""
    return " to ".join(map(str, length)) if isinstance(length, list) else str(length)
