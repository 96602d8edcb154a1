import pytest

from play import call, result
from trials import SERVICE, TARGET, Trial
from wiretape.replay.conformance.check import Target
from wiretape.replay.conformance.evidence import Evidence
from wiretape.replay.conformance.reporters.diagram import Arrow, Diagram, Said, diagram

MCP = f"{TARGET}/mcp"


def drawn(trial: Trial, *lines: int, target: Target = "bridge") -> Diagram:
    found = diagram(target, trial.evidence, lines)
    assert found is not None
    return found


def pings(count: int) -> Trial:
    trial = Trial()
    for number in range(count):
        trial.answer(trial.post(MCP, call(number, "ping")), result(number))
    return trial


def test_both_sides_stand_in_order_with_steps_between() -> None:
    trial = Trial()
    down = trial.post(MCP, call(1, "tools/call", name="add"))
    up = trial.post(f"{SERVICE}/v1/mcp", call(1, "tools/call", name="add"))
    trial.answer(up, status=503)
    trial.answer(down, result(1))
    trial.step("again")
    trial.fail(trial.post(MCP, call(2, "ping")))
    found = drawn(trial, 3, 6)
    xs = dict(found.lifelines)
    assert list(xs) == ["client", "target", "service"]
    told = [
        (row.lines, row.x1, row.x2, row.asked, row.answered, row.ending, row.marked)
        if isinstance(row, Arrow)
        else row.text
        for row in found.rows
    ]
    client, target, service = xs.values()
    assert told == [
        ("3", client, target, "POST /mcp tools/call add", "200 result", "fine", True),
        ("4", target, service, "POST /v1/mcp tools/call add", "503", "failed", False),
        "again",
        ("10", client, target, "POST /mcp ping", "no answer: connect", "failed", False),
    ]


def test_rows_and_lifelines_are_within_the_picture() -> None:
    found = drawn(pings(30))
    ys = [row.y for row in found.rows]
    assert ys == sorted(set(ys))
    assert max(row.back for row in found.rows if isinstance(row, Arrow)) < found.height
    assert all(0 < x < found.width for _, x in found.lifelines)


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("bridge", ["client", "target", "service"]),
        ("gateway", ["client", "target", "service"]),
        ("server", ["client", "target"]),
    ],
)
def test_a_server_has_no_service_behind_it(target: Target, names: list[str]) -> None:
    assert [name for name, _ in drawn(pings(1), target=target).lifelines] == names


def test_a_client_has_no_client_before_it() -> None:
    trial = Trial()
    trial.answer(trial.post(f"{SERVICE}/v1/mcp", call(1, "ping")), result(1))
    assert [name for name, _ in drawn(trial, target="client").lifelines] == ["target", "service"]


def test_of_a_long_trial_there_is_what_is_marked_and_what_is_around() -> None:
    trial = pings(100)
    turns = trial.evidence.turns
    found = drawn(trial, *turns[50].lines)
    told = [row.lines if isinstance(row, Arrow) else row.text for row in found.rows]
    around = [str(turn.lines[0]) for turn in turns[48:53]]
    assert told == ["48 more, not shown", *around, "47 more, not shown"]
    assert [row.marked for row in found.rows if isinstance(row, Arrow)].index(True) == 2


@pytest.mark.parametrize("marks", [0, 100])
def test_there_is_never_more_than_fits(marks: int) -> None:
    trial = pings(100)
    lines = [line for turn in trial.evidence.turns[:marks] for line in turn.lines]
    rows = drawn(trial, *lines).rows
    assert sum(isinstance(row, Arrow) for row in rows) == 40
    assert rows[-1] == Said("60 more, not shown", rows[-1].y)


def test_without_exchanges_there_is_nothing_to_draw() -> None:
    assert diagram("bridge", Evidence("trial", ()), (1,)) is None
