from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiretape.recorder.redaction.base64_cores import Core, cores, replaced

TEXTS = st.text("abcXYZ019:/+-_~?ß", min_size=8, max_size=30)


def replace(text: str, found: set[Core]) -> str:
    core = next(core for core in found if core.text in text)
    start, end, replacement = replaced(text, text.index(core.text), core)
    return text[:start] + replacement + text[end:]


@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
@pytest.mark.parametrize("before", [b"", b"-", b"--"])
@given(plain=TEXTS, after=st.sampled_from([b"", b"-", b"--"]))
def test_a_core_is_in_the_base64_of_a_longer_text(
    encode: type, before: bytes, plain: str, after: bytes
) -> None:
    text = encode(before + plain.encode() + after).decode()
    assert any(core.text in text for core in cores(plain.encode(), plain.encode()))


@pytest.mark.parametrize("before", [b"", b"<", b"<<"])
def test_the_pseudonym_can_be_decoded_where_the_secret_could(before: bytes) -> None:
    secret, pseudonym = b"5f1e2d3c:Ab3dEf6h", b"d5b39790:ECXTbSU4"
    text = b64encode(before + secret + b">").decode()
    assert b64decode(replace(text, cores(secret, pseudonym))) == before + pseudonym + b">"


def test_an_edge_is_left_alone_where_only_one_of_the_alphabets_has_its_new_bits() -> None:
    secret, pseudonym = b"\x50" * 8, b"\x5f" * 8
    text = urlsafe_b64encode(b"\x03" + secret).decode()
    decoded = urlsafe_b64decode(replace(text, cores(secret, pseudonym)))
    assert decoded[2:] == pseudonym[1:]


def test_a_neighbour_that_is_no_part_of_the_base64_is_left_alone() -> None:
    core = max(cores(b"abcdefgh", b"ABCDEFGH"), key=lambda core: core.before.mask)
    start, end, replacement = replaced(f'"{core.text}"', 1, core)
    assert (start, end, replacement) == (1, 1 + len(core.text), core.pseudonym)
