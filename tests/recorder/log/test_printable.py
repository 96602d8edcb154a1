from hypothesis import given
from hypothesis import strategies as st

from wiretape.recorder.log.printable import printable


def test_controls_are_escaped_and_all_else_is_kept() -> None:
    assert printable("a\x1b[2Jb\r\n\x9b\x00\u202e é漢") == "a\\x1b[2Jb\\r\\n\\x9b\\x00\\u202e é漢"


@given(st.text(st.characters(codec=None)))
def test_whatever_comes_the_result_is_printable(text: str) -> None:
    assert printable(text).isprintable()
