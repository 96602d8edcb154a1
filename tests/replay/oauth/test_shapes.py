import random

from hypothesis import given
from hypothesis import strategies as st

from wiretape.analysis.oauth.shapes import describe
from wiretape.analysis.profile.values import Segment, Shape
from wiretape.replay.oauth.shapes import ALPHABETS, made, stems

_LENGTHS = st.integers(16, 80)
_SEGMENTS = st.builds(
    Segment,
    length=_LENGTHS,
    alphabet=st.sampled_from([name for name in ALPHABETS if name not in {"base64"}]),
    stable=st.booleans(),
)


@given(
    st.lists(_SEGMENTS, min_size=1, max_size=4),
    st.sampled_from(":.~"),
    st.builds(random.Random, st.integers()),
)
def test_what_is_made_is_described_as_it_was_told(
    segments: list[Segment], separator: str, dice: random.Random
) -> None:
    several = len(segments) > 1
    lengths = [part.length for part in segments if isinstance(part.length, int)]
    shape = Shape(
        kind="opaque",
        length=sum(lengths) + len(segments) - 1,
        separator=separator if several else None,
        segments=tuple(segments),
    )
    common = stems(shape, dice=dice)
    family = [made(shape, common, dice=dice) for _ in range(3)]
    found = Shape.model_validate(describe(family, [family]))
    assert found.length == shape.length
    assert [part.alphabet for part in found.segments] == [part.alphabet for part in segments]
    if not all(part.stable for part in segments):
        assert found == shape


def test_without_a_shape_it_cannot_be_guessed() -> None:
    dice = random.Random(1)
    tokens = {made(None, dice=dice) for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {43}


def test_lengths_vary_within_their_bounds() -> None:
    segment = Segment(length=(20, 23), alphabet="hex")
    shape = Shape(kind="opaque", length=(20, 23), segments=(segment,))
    dice = random.Random(1)
    assert {len(made(shape, dice=dice)) for _ in range(200)} == {20, 21, 22, 23}


def test_a_uuid_is_one() -> None:
    shape = Shape(kind="uuid", length=36)
    token = made(shape, dice=random.Random(1))
    assert describe([token]) == {
        "kind": "uuid",
        "length": 36,
        "separator": None,
        "segments": [{"length": 36, "alphabet": "uuid", "stable": None}],
    }
