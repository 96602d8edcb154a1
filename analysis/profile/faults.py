"""What is wrong with a profile that people wrote or edited, in one line that helps."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from wiretape.analysis.profile.known import Path
from wiretape.analysis.profile.model import Profile
from wiretape.analysis.profile.standing import dotted


def fault(error: ValidationError, content: Any) -> str:
    """Tell a fault of a profile's content: where it is, what is wrong, what would do.

    A name that is not known comes first: what is missing may be what it should have been.
    """
    errors = error.errors(include_url=False)
    first = min(errors, key=lambda each: each["type"] != "extra_forbidden")
    path = _path(first["loc"], content)
    what = _what(first, path)
    return f"{dotted(path)}: {what}" if path else what


def _what(error: ErrorDetails, path: Path) -> str:
    match error["type"]:
        case "extra_forbidden":
            return "there is no such value; " + _instead(path[-1], _allowed(path[:-1]))
        case "literal_error" if error["loc"][-1] == "[key]":
            expected = error["ctx"]["expected"].replace(" or ", ", ")
            return "there is no such role; " + _instead(
                path[-1], (name.strip("'") for name in expected.split(", "))
            )
        case "missing":
            return f"{error['loc'][-1]} is missing"
    message = error["msg"].removeprefix("Value error, ").replace("Input should", "must")
    shown = repr(error["input"])
    return (
        f"{message}, not {shown}" if error["type"] != "value_error" and len(shown) < 80 else message
    )


def _instead(name: str, allowed: Iterable[str]) -> str:
    names = list(allowed)
    near = get_close_matches(name, names, n=1)
    meant = f"did you mean {near[0]}? " if near else ""
    return f"{meant}there may be: {', '.join(names)}"


def _path(place: tuple[int | str, ...], content: Any) -> Path:
    """Give the keys of the content among the parts of a place, which names types as well."""
    path = []
    for part in place:
        found = dict(enumerate(content)) if isinstance(content, list) else content
        if isinstance(found, dict) and part in found:
            content = found[part]
            path.append(str(part))
    return tuple(path)


def _allowed(path: Path) -> Iterable[str]:
    """Name the fields there are below a path."""
    annotation: Any = Profile
    for key in path:
        annotation = _inside(annotation, key)
    return [] if (model := _model(annotation)) is None else model.model_fields


def _inside(annotation: Any, key: str) -> Any:
    """Give the type of what is below a key."""
    if (model := _model(annotation)) is not None:
        return model.model_fields[key].annotation if key in model.model_fields else None
    for each in (annotation, *get_args(annotation)):
        if get_origin(each) is dict:
            return get_args(each)[1]
        if get_origin(each) is tuple:
            return get_args(each)[0]
    return None


def _model(annotation: Any) -> type[BaseModel] | None:
    """Give the model that an annotation is, or may be."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in {dict, tuple}:
        return None
    return next(filter(None, map(_model, get_args(annotation))), None)
