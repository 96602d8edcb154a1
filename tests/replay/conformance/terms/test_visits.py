"""What a client's visit shows."""

from play import call, result
from trials import SERVICE, Trial
from wiretape.replay.conformance.terms.visits import ends, works

MCP = f"{SERVICE}/mcp"


def visited(exit_: str | None, *, listed: bool) -> Trial:
    trial = Trial()
    asked = trial.post(MCP, call(1, "tools/list"))
    trial.answer(asked, result(1, tools=[]) if listed else None, status=200 if listed else 401)
    if exit_ is not None:
        trial.note("exit", exit_)
    return trial


def test_a_client_works_that_lists_the_tools_and_ends_well() -> None:
    assert works(visited("0", listed=True).evidence).outcome == "pass"
    for exit_, listed in (("1", True), ("killed", True), ("0", False)):
        assert works(visited(exit_, listed=listed).evidence).outcome == "fail"
    assert works(visited(None, listed=True).evidence).outcome == "untestable"


def test_a_client_ends_by_itself_however() -> None:
    for exit_, outcome in (("0", "pass"), ("1", "pass"), ("-9", "pass"), ("killed", "fail")):
        assert ends(visited(exit_, listed=False).evidence).outcome == outcome
    assert ends(visited(None, listed=False).evidence).outcome == "untestable"


def test_tools_may_be_listed_on_a_stream_beside() -> None:
    trial = Trial()
    stream = trial.listen(f"{SERVICE}/sse")
    trial.stream(stream)
    trial.answer(trial.post(f"{SERVICE}/message", call(1, "tools/list")), status=202)
    trial.event(stream, result(1, tools=[]))
    trial.end(stream)
    trial.note("exit", "0")
    assert works(trial.evidence).outcome == "pass"
