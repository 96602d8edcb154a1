"""What becomes of a code's tokens when the code is used once more."""

import pytest

from concluded import findings
from granting import CODE, TOKEN, exchange, refuse, use
from play import Play


def exchanged() -> Play:
    play = Play()
    exchange(play, "t1", "r1")
    use(play, "t1")
    return play


def exchange_again(play: Play, error: str = "invalid_grant") -> None:
    refuse(play, play.request("POST", TOKEN, form=CODE), error)


def reuse(play: Play) -> object:
    found = findings(play).get("code.reuse")
    return found and found.value


@pytest.mark.parametrize(("status", "told"), [(200, "revokes nothing"), (401, "revokes all")])
def test_what_the_first_tokens_are_worth_after_it(status: int, told: str) -> None:
    play = exchanged()
    exchange_again(play)
    use(play, "t1", status)
    assert reuse(play) == told
    (finding,) = (each for each in findings(play).values() if each.id == "code.reuse")
    assert len(finding.evidence) == 3


def test_tokens_of_another_code_tell_nothing() -> None:
    play = exchanged()
    exchange_again(play)
    use(play, "t2", 401)
    assert reuse(play) is None


def test_nor_does_what_came_before_it() -> None:
    play = exchanged()
    use(play, "t1", 401)
    exchange_again(play)
    assert reuse(play) is None


def test_nor_a_refusal_for_another_reason() -> None:
    play = exchanged()
    exchange_again(play, "invalid_client")
    use(play, "t1", 401)
    assert reuse(play) is None


def test_a_refusal_much_later_may_have_other_reasons() -> None:
    play = exchanged()
    exchange_again(play)
    play.later(3600)
    use(play, "t1", 401)
    assert reuse(play) is None


def test_a_code_that_was_first_refused_and_then_exchanged_was_not_used_again() -> None:
    play = Play()
    exchange_again(play)
    exchange(play, "t1", "r1")
    use(play, "t1")
    assert reuse(play) is None
