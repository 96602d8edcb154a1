"""What is told of an SDK that gives up."""

import pytest

from wiretape.replay.conformance.driving.sdk import last_line

GROUP = """  + Exception Group Traceback (most recent call last):
  |   File "client.py", line 1, in main
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | httpx.ReadError: it was reset
    +------------------------------------
"""


@pytest.mark.parametrize(
    ("said", "last"),
    [
        (GROUP, "httpx.ReadError: it was reset"),
        ("Error: it was reset\n\n", "Error: it was reset"),
        ("", "in silence"),
    ],
)
def test_the_last_line_that_says_something(said: str, last: str) -> None:
    assert last_line(said) == last
