"""Work put off: in order, at its own moment, whatever becomes of the rest."""

from stage import Stage
from wiretape.recorder.capture.afterwards import Afterwards


def test_nothing_is_done_before_it_is_time():
    done: list[str] = []
    afterwards = Afterwards(Stage(), lambda error: None)
    afterwards.do(done.append, "first")
    afterwards.do(done.append, "second")
    assert done == []
    afterwards.finish()
    assert done == ["first", "second"]
    afterwards.finish()
    assert done == ["first", "second"]


def test_a_task_is_done_at_the_moment_at_which_it_came_up():
    clock = Stage()
    times: list[float] = []
    afterwards = Afterwards(clock, lambda error: None)
    for clock.t in (1.0, 2.0):
        afterwards.do(lambda: times.append(afterwards.now().t))
    clock.t = 9.0
    afterwards.finish()
    assert times == [1.0, 2.0]
    assert afterwards.now().t == 9.0


def test_what_a_task_raises_stops_no_other():
    errors: list[Exception] = []
    done: list[str] = []
    afterwards = Afterwards(Stage(), errors.append)
    afterwards.do(int, "no number")
    afterwards.do(done.append, "next")
    afterwards.finish()
    assert done == ["next"]
    assert isinstance(errors[0], ValueError)


def test_what_comes_up_meanwhile_is_done_as_well():
    done: list[str] = []
    afterwards = Afterwards(Stage(), lambda error: None)
    afterwards.do(lambda: afterwards.do(done.append, "later"))
    afterwards.finish()
    assert done == ["later"]
