from pydantic import JsonValue

from wiretape.analysis.finding import Finding
from wiretape.analysis.report.document import glance, parts
from wiretape.analysis.report.model import Report
from wiretape.analysis.report.sections import sections


def report(*findings: Finding) -> Report:
    return Report(
        schema_="wiretape.report/1",
        wiretape="0",
        sources=(),
        services=(),
        sections=sections(findings),
        diagnoses=(),
        journeys=(),
        lineages=(),
        quotes=(),
    )


def finding(id_: str, value: object, title: str = "") -> Finding:
    return Finding.model_validate({"id": id_, "title": title or id_, "value": value})


def test_findings_of_a_family_are_rows_of_one_table() -> None:
    add = {"title": "Add", "input": {"properties": {"a": {}, "b": {}}, "required": ["a"]}}
    found = finding("tools.tool.add", add), finding("tools.tool.look_up", {"title": "Look up"})
    (part,) = parts(report(*found))
    (family,) = part.families
    assert (part.lines, part.blocks) == ((), ())
    assert family.columns == ("title", "input")
    assert [(each.name, each.cells) for each in family.members] == [
        ("add", ("Add", "a*, b")),
        ("look_up", ("Look up", "")),
    ]


def test_every_table_has_a_title_of_its_own() -> None:
    found = [finding(f"{area}.x", {"a": 1}) for area in ("tools.tool", "redirect", "stream.mcp")]
    titles = [family.title for part in parts(report(*found)) for family in part.families]
    assert titles == ["Redirects, by where they lead from", "How streams ended", "Tools"]


def latency(name: str, **more: float) -> Finding:
    value: dict[str, JsonValue] = {"count": 10, "max": 4.5, "p50": 1.5} | more
    return Finding(id=f"latency.{name}", title=name, value=value, unit="ms", count=10)


def test_times_until_different_things_are_apart() -> None:
    found = (
        latency("first_event.mcp"),
        latency("role.mcp"),
        latency("method.ping"),
        latency("method.tools/call", p90=2.5),
    )
    (part,) = parts(report(*found))
    results, responses, events = part.families
    assert results.title.startswith("Methods: time from the request to its result")
    assert responses.title.startswith("Routes: time from the request to the head of the response")
    assert events.title.startswith("Streams: time from the request to the first event")
    assert "slowest" in results.note
    assert results.columns == ("count", "max", "p50", "p90")
    assert [member.cells[2:] for member in results.members] == [("1.5", ""), ("1.5", "2.5")]
    assert responses.columns == events.columns == ("count", "max", "p50")
    assert [member.name for member in (*responses.members, *events.members)] == ["mcp", "mcp"]


def test_of_a_description_a_table_has_the_first_line() -> None:
    told = [{"description": text} for text in ("Adds.\n\nAt length.", "x" * 200, "Short.\n", 1)]
    found = [finding(f"tools.tool.{number}", each) for number, each in enumerate(told)]
    (part,) = parts(report(*found))
    cells = [member.cells for member in part.families[0].members]
    assert cells == [("Adds.…",), (f"{'x' * 119}…",), ("Short.",), ("1",)]


def test_findings_with_the_same_title_are_told_apart() -> None:
    same = [finding(f"stream.{role}.retry", 5, "Retry") for role in ("mcp", "sse")]
    (part,) = parts(report(*same, finding("stream.mcp.resumed", "no", "Resumed")))
    assert [line.title for line in part.lines] == ["Retry: mcp", "Retry: sse", "Resumed"]


def test_the_glance_is_short_whatever_the_value() -> None:
    chosen = finding("protocol.server_info", [{"name": "a", "version": "1"}, {"name": "b"}])
    (line,) = glance(report(chosen, finding("protocol.other", 1)))
    assert line.view.texts == ("name: a; version: 1", "name: b")
