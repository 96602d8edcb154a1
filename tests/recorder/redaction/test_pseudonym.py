import re
import string
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiretape.recorder.errors import BadInputError
from wiretape.recorder.redaction.pseudonym import Pseudonyms, is_pseudonym, load_key

KEY = bytes(range(32))

ALPHABETS = {
    "digits": string.digits,
    "hex": string.digits + "abcdef",
    "HEX": string.digits + "ABCDEF",
    "lower": string.ascii_lowercase,
    "UPPER": string.ascii_uppercase,
    "lower and digits": string.digits + string.ascii_lowercase,
    "UPPER and digits": string.digits + string.ascii_uppercase,
    "letters": string.ascii_letters,
    "letters and digits": string.ascii_letters + string.digits,
    "base64url": string.ascii_letters + string.digits + "-_",
}


@pytest.mark.parametrize("alphabet", ALPHABETS.values(), ids=ALPHABETS.keys())
@given(data=st.data())
def test_a_pseudonym_keeps_length_and_alphabet(alphabet: str, data: st.DataObject) -> None:
    segment = data.draw(st.text(alphabet, min_size=1, max_size=80))
    if alphabet[:1].isdigit():
        segment = "7" + segment
    pseudonym = Pseudonyms(KEY).segment(segment)
    assert pseudonym != segment
    assert len(pseudonym) == len(segment)
    assert set(pseudonym) <= set(alphabet)


@given(st.from_regex(r"[1-9][0-9]{0,20}", fullmatch=True))
def test_a_number_gains_no_leading_zero(number: str) -> None:
    pseudonym = Pseudonyms(KEY).segment(number)
    assert len(number) == 1 or not pseudonym.startswith("0")


def test_a_leading_zero_stays() -> None:
    assert Pseudonyms(KEY).segment("0042").startswith("0")


@given(st.uuids(), st.booleans())
def test_a_uuid_stays_one_of_its_version(uuid: UUID, upper: bool) -> None:
    segment = str(uuid).upper() if upper else str(uuid)
    pseudonym = Pseudonyms(KEY).segment(segment)
    assert pseudonym.isupper() == segment.isupper()
    other = UUID(pseudonym)
    assert other != uuid
    assert (other.version, other.variant) == (uuid.version, uuid.variant)
    assert [len(part) for part in pseudonym.split("-")] == [8, 4, 4, 4, 12]


@given(st.text(min_size=1, max_size=40))
def test_a_pseudonym_is_ascii_and_as_long_in_utf8(text: str) -> None:
    pseudonym = Pseudonyms(KEY).of(text)
    assert len(pseudonym) == len(text.encode())
    assert pseudonym.isascii()


def test_what_stands_between_segments_stays_and_equal_segments_stay_equal() -> None:
    pseudonym = Pseudonyms(KEY).of("alice:s3cr3t/alice+s3cr3t.x")
    assert re.fullmatch(r"(\w+):(\w+)/\1\+\2\.\w", pseudonym)


@given(st.lists(st.text(ALPHABETS["base64url"], min_size=3, max_size=30), unique=True))
def test_different_segments_have_different_pseudonyms(segments: list[str]) -> None:
    pseudonyms = Pseudonyms(KEY)
    assert len({pseudonyms.segment(segment) for segment in segments}) == len(segments)


def test_short_segments_collide_only_when_their_alphabet_is_used_up() -> None:
    pseudonyms = Pseudonyms(KEY)
    digits = {digit: pseudonyms.segment(digit) for digit in string.digits}
    assert all(digit != pseudonym for digit, pseudonym in digits.items())
    assert len(set(digits.values())) >= 9


def test_a_key_gives_the_same_pseudonyms_again_and_another_gives_others() -> None:
    segment = "Ab3dEf6hIj9lMn0P"
    assert Pseudonyms(KEY).segment(segment) == Pseudonyms(KEY).segment(segment)
    assert Pseudonyms(KEY).key_id == Pseudonyms(KEY).key_id
    other = Pseudonyms(bytes(32))
    assert other.segment(segment) != Pseudonyms(KEY).segment(segment)
    assert other.key_id != Pseudonyms(KEY).key_id
    assert KEY.hex() not in Pseudonyms(KEY).key_id


def test_the_first_of_colliding_segments_keeps_its_pseudonym() -> None:
    # Of two-digit numbers some collide before others do; none may take what another has.
    pseudonyms = Pseudonyms(KEY)
    numbers = [str(number) for number in range(10, 60)]
    first = [pseudonyms.segment(number) for number in numbers]
    assert len(set(first)) == len(numbers)
    assert [pseudonyms.segment(number) for number in numbers] == first


@given(st.text(ALPHABETS["base64url"], min_size=12, max_size=80) | st.uuids().map(str))
def test_a_long_pseudonym_can_be_told_without_the_key(segment: str) -> None:
    assert is_pseudonym(Pseudonyms(KEY).segment(segment))


def test_few_secrets_pass_for_pseudonyms() -> None:
    def passing(alphabet: str, length: int) -> int:
        secrets = (
            "".join(alphabet[(number * 7919 + place**3) % len(alphabet)] for place in range(length))
            for number in range(2000)
        )
        return sum(map(is_pseudonym, secrets))

    assert passing(ALPHABETS["letters and digits"], 32) == 0
    assert passing(ALPHABETS["hex"], 64) <= 2


def test_a_short_segment_is_never_called_a_pseudonym() -> None:
    assert not is_pseudonym(Pseudonyms(KEY).segment("a1b2c3d4e5f"))


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Pseudonyms(bytes(31))


def test_a_key_is_all_bytes_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\n" * 40)
    assert load_key(tmp_path / "key") == b"\n" * 40


def test_a_key_file_that_is_short_or_absent_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(bytes(31))
    with pytest.raises(BadInputError, match="at least 32 random bytes, this has 31"):
        load_key(tmp_path / "key")
    with pytest.raises(BadInputError, match="none: cannot read the pseudonym key: No such file"):
        load_key(tmp_path / "none")
