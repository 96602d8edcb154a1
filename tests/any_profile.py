"""Hypothesis strategies: any profile."""

from collections.abc import Mapping
from types import UnionType
from typing import Annotated, Any, Literal, TypeAliasType, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import BaseModel

from wiretape.analysis.profile.known import KEY, Leaf, Path, leaves
from wiretape.analysis.profile.model import Profile, Role
from wiretape.analysis.profile.standing import dotted
from wiretape.analysis.profile.texts import BodyText, JsonText
from wiretape.analysis.profile.values import Bounded, Measured

TEXTS = st.text(max_size=12) | st.sampled_from(
    [
        "'''",
        "x'",
        '"""',
        "a\nb",
        "\n",
        "a\\n",
        "'",
        '"',
        "\x7f",
        "\x00",
        "a\r\nb",
        "# no",
        "'''\n''",
    ]
)
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
_OBJECTS = st.dictionaries(TEXTS, _JSON, max_size=4) | st.lists(_JSON, max_size=4)
_NUMBERS = st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
_BOUNDED = st.tuples(_NUMBERS, _NUMBERS).map(lambda two: {"low": min(two), "high": max(two)})
_ROLES = st.sampled_from(get_args(Role.__value__))


def _values(annotation: Any) -> st.SearchStrategy[Any]:  # noqa: PLR0911  # a case a kind
    """Give values of a type, as they may be validated."""
    origin, inside = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, TypeAliasType):
        return _values(annotation.__value__)
    if origin is Annotated:
        return _values(inside[0])
    if origin in {Union, UnionType}:
        return st.one_of(*(_values(each) for each in inside if each is not type(None)))
    if origin is Literal:
        return st.sampled_from(inside)
    if origin is dict:
        return st.dictionaries(_values(inside[0]), _values(inside[1]), max_size=3)
    if origin is tuple and inside[-1] is ...:
        return st.lists(_values(inside[0]), max_size=3)
    if origin is tuple:
        return st.tuples(*map(_values, inside)).map(list)
    if issubclass(annotation, Measured):
        value = TEXTS if annotation is Bounded else _NUMBERS
        return st.tuples(
            value, st.just({}) | _BOUNDED | st.fixed_dictionaries({"note": TEXTS})
        ).map(lambda v: {"value": v[0], **v[1]})
    return _model(annotation) if issubclass(annotation, BaseModel) else _PLAIN[annotation]


_PLAIN: Mapping[Any, st.SearchStrategy[Any]] = {
    str: TEXTS,
    bool: st.booleans(),
    int: st.integers(100, 599),
    float: st.floats(0, 1e9),
    JsonText: _OBJECTS,
    BodyText: TEXTS | _OBJECTS,
}


def _model(model: type[BaseModel]) -> st.SearchStrategy[Any]:
    fields = {name: _values(field.annotation) for name, field in model.model_fields.items()}
    needed = {name for name, field in model.model_fields.items() if field.is_required()}
    return st.fixed_dictionaries(
        {name: fields[name] for name in needed},
        optional={name: values for name, values in fields.items() if name not in needed},
    )


@st.composite
def _tree(draw: st.DrawFn) -> tuple[dict[str, Any], list[Path]]:
    tree: dict[str, Any] = {}
    paths = []
    for leaf in draw(st.lists(st.sampled_from(leaves(Profile)), max_size=8)):
        path = draw(_path(leaf))
        *sections, last = path
        table = tree
        for key in sections:
            table = table.setdefault(key, {})
        table[last] = draw(_values(leaf.annotation))
        paths.append(path)
    return tree, paths


def _path(leaf: Leaf) -> st.SearchStrategy[Path]:
    in_headers = leaf.path[:2] in {("headers", "names"), ("headers", "answers")}
    roles = leaf.path[0] in {"challenge", "cors"} or in_headers
    keys = [_ROLES if roles and at < 3 else TEXTS for at in range(len(leaf.path))]
    if leaf.path[0] == "challenge":
        keys[2:] = [TEXTS, TEXTS]
    return st.tuples(
        *(keys[at] if key == KEY else st.just(key) for at, key in enumerate(leaf.path))
    )


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    """Any profile, with any of its values or sections named in the standing."""
    tree, paths = draw(_tree())
    named = sorted({dotted(path[: draw(st.integers(1, len(path)))]) for path in paths})
    standings: dict[str, Any] = {"default": draw(st.sampled_from(["observed", "assumed"]))}
    for spelt in named:
        standing = draw(st.sampled_from(["observed", "documented", "assumed", None]))
        if standing:
            standings.setdefault(standing, []).append(spelt)
    told = {"name": draw(TEXTS), "standing": standings}
    about = {"description": draw(TEXTS)} if draw(st.booleans()) else {}
    return Profile.model_validate(tree | told | about)
