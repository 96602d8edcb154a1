import pytest
from pydantic import JsonValue

from wiretape.analysis.report.views import Code, Table, View, Word, Words, view

SEGMENT = {"length": 24, "alphabet": "hex", "stable": True}
SHAPE: JsonValue = {
    "kind": "opaque",
    "length": 41,
    "separator": ":",
    "segments": [SEGMENT, {"length": [8, 16], "alphabet": "alnum", "stable": None}],
}
DEEP = """{
  "x": {
    "a": 1
  },
  "y": {
    "a": {}
  }
}"""
LONG = {f"name-{number}": "x" * 20 for number in range(8)}


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (True, None, Word("yes", literal=False)),
        (None, None, Word("none", literal=False)),
        ([], None, Word("none", literal=False)),
        (3300, "s", Word("3,300 s (55 min)", literal=False)),
        (7_776_000, "s", Word("7,776,000 s (90 d)", literal=False)),
        (0.25, "s", Word("0.25 s", literal=False)),
        (24, None, Word("24", literal=False)),
        ("S256", None, Word("S256")),
        (["a", 1], None, Words(("a", "1"))),
        ({"status": 202, "body": None}, None, Words(("status: 202", "body: none"))),
        (LONG, None, Table((), tuple(LONG.items()))),
        ([{"a": 1}, {"b": [2, 3]}], None, Table(("a", "b"), (("1", ""), ("", "2, 3")))),
        (
            {"x": {"a": 1}, "y": {"a": {}}},
            None,
            Code(DEEP),
        ),
        ({"x": {"a": 1}, "y": {"a": 2}}, None, Table(("", "a"), (("x", "1"), ("y", "2")))),
        (SHAPE, None, Word("opaque, 41 characters: 24 hex (stays) : 8 to 16 alnum", literal=False)),
        ("\x1b[31m", None, Word("\\x1b[31m")),
    ],
)
def test_a_value_is_shown_by_its_kind(value: JsonValue, unit: str | None, expected: View) -> None:
    assert view(value, unit) == expected


def test_what_is_too_long_is_cut() -> None:
    shown = view([[{"a": [number]}] for number in range(1000)])
    assert isinstance(shown, Code)
    assert (len(shown.text), shown.cut) == (4000, True)
