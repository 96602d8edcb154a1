"""The shape of tokens."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiretape.analysis.oauth.shapes import describe, form
from wiretape.recorder.redaction.pseudonym import Pseudonyms

HEX, ALNUM = "0a1b2c3d4e5f60718293a4b5", "aB3dE6gH9jK2mN5p"


def described(*tokens: str, families: list[list[str]] | None = None) -> Any:
    return describe(tokens, families or [])


def test_segments_have_lengths_and_alphabets() -> None:
    assert described(f"{HEX}:{ALNUM}:Secret_part-1") == {
        "kind": "opaque",
        "length": 55,
        "separator": ":",
        "segments": [
            {"length": 24, "alphabet": "hex", "stable": None},
            {"length": 16, "alphabet": "alnum", "stable": None},
            {"length": 13, "alphabet": "base64url", "stable": None},
        ],
    }


@pytest.mark.parametrize(
    ("segment", "alphabet"),
    [
        ("0123", "digits"),
        ("secret", "lower"),
        ("SECRET", "upper"),
        ("0a9f", "hex"),
        ("0A9F", "hex upper"),
        ("0z", "lower and digits"),
        ("0Z", "upper and digits"),
        ("aZ", "letters"),
        ("aZ0", "alnum"),
        ("aZ0_-", "base64url"),
        ("aZ0/+==", "base64"),
        ("é", "other"),
        ("123e4567-e89b-42d3-a456-426614174000", "uuid"),
    ],
)
def test_the_alphabet_is_the_smallest_that_holds_all(segment: str, alphabet: str) -> None:
    assert described(f"x:{segment}")["segments"][1]["alphabet"] == alphabet


def test_several_tokens_share_an_alphabet_and_a_range_of_lengths() -> None:
    found = described("a:123", "a:abxyz")
    assert found["length"] == [5, 7]
    assert found["segments"][1] == {
        "length": [3, 5],
        "alphabet": "lower and digits",
        "stable": None,
    }


def test_a_segment_is_stable_if_it_is_equal_in_every_family() -> None:
    families = [["u1:g1:a", "u1:g1:b"], ["u2:g2:c", "u2:g3:d"]]
    found = described(*families[0], *families[1], families=families)
    assert [segment["stable"] for segment in found["segments"]] == [True, False, False]


def test_one_token_alone_says_nothing_of_what_is_stable() -> None:
    found = described("u:a", "u:b", families=[["u:a"], ["u:b"], ["u:a", "u:a"], ["u:a", "gone"]])
    assert [segment["stable"] for segment in found["segments"]] == [None, None]


def test_a_uuid_is_one_segment() -> None:
    found = described("123e4567-e89b-42d3-a456-426614174000")
    assert (found["kind"], found["length"], found["separator"]) == ("uuid", 36, None)
    assert len(found["segments"]) == 1


def test_a_url_is_one_segment() -> None:
    found = described("https://client.example.com/metadata.json")
    assert (found["kind"], len(found["segments"])) == ("url", 1)


def test_a_jwt_has_its_parts() -> None:
    found = described("eyJhbGciOiJub25lIn0.e30.c2ln")
    assert (found["kind"], found["separator"]) == ("jwt", ".")
    assert [segment["length"] for segment in found["segments"]] == [19, 3, 4]
    assert {segment["alphabet"] for segment in found["segments"]} == {"base64url"}


@pytest.mark.parametrize(("count", "told"), [(32, 32), (33, 1), (5000, 1)])
def test_a_token_of_very_many_segments_is_one(count: int, told: int) -> None:
    token = ":".join("ab" * (count // 2) + "a" * (count % 2))
    found = described(token)
    assert (found["kind"], found["length"]) == ("opaque", 2 * count - 1)
    assert len(found["segments"]) == told
    assert found["separator"] == (":" if told > 1 else None)


def test_different_separators_are_told_in_their_order() -> None:
    assert described("a:b.c")["separator"] == ":."
    assert described("a::b")["separator"] == ":"


@given(st.text())
def test_any_text_has_a_form_and_a_description(text: str) -> None:
    kind, separators = form(text)
    found = described(text, families=[[text, text]])
    assert (found["kind"], found["length"]) == (kind, len(text))
    if separators:
        lengths = [segment["length"] for segment in found["segments"]]
        assert sum(lengths) + sum(map(len, separators)) == len(text)


@given(st.lists(st.from_regex(r"[0-9a-f]{12,24}:[A-Za-z0-9_-]{12,40}", fullmatch=True), min_size=1))
def test_pseudonyms_have_the_shape_of_what_they_stand_for(tokens: list[str]) -> None:
    pseudonyms = Pseudonyms(bytes(32))
    before = described(*tokens, families=[tokens])
    stand_ins = [pseudonyms.of(token) for token in tokens]
    after = described(*stand_ins, families=[stand_ins])
    for shape in (before, after):
        for segment in shape["segments"]:
            del segment["alphabet"]
    assert after == before
