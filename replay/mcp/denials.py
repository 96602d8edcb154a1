"""How the use of what is not there is answered."""

from typing import Any, NamedTuple

from wiretape.analysis.profile.values import Denial

_NAME = "{name}"


class Outcome(NamedTuple):
    """The `result` or the `error` of an answer; `status` is that of HTTP."""

    said: dict[str, Any]
    status: int = 200


def error(code: int, message: str) -> Outcome:
    """Give an error of JSON-RPC 2.0, 5.1."""
    return Outcome({"error": {"code": code, "message": message}})


def denied(known: Denial, name: str) -> Outcome:
    """Answer as the profile does, with the name that was used."""
    status = known.status or 200
    if known.result is not None:
        return Outcome({"result": _named(known.result.value, name)}, status)
    code = known.code or ""
    said: dict[str, Any] = {
        "code": int(code) if code.lstrip("-").isdigit() else -32602,
        "message": (known.message or "").replace(_NAME, name),
    }
    if known.data is not None:
        said["data"] = _named(known.data.value, name)
    return Outcome({"error": said}, status)


def _named(value: Any, name: str) -> Any:
    match value:
        case str():
            return value.replace(_NAME, name)
        case list():
            return [_named(each, name) for each in value]
        case dict():
            return {key: _named(each, name) for key, each in value.items()}
    return value
