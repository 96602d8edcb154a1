import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from hostile import EVIL, hostile
from official import official
from play import Play
from reported import reported
from story import story
from wiretape.analysis.finding import Finding
from wiretape.analysis.report.files import as_json
from wiretape.analysis.report.markdown import markdown
from wiretape.analysis.report.model import Report, Section

FIXTURES = sorted(Path(__file__).parents[3].glob("fixtures/recordings/*.jsonl"))
OURS = {"<br>", "<details>\n<summary>", "</details>\n"}


class _Text(SingleFileSnapshotExtension):
    _write_mode = WriteMode.TEXT


class _Markdown(_Text):
    file_extension = "md"


class _Json(_Text):
    file_extension = "json"


def of_no_version(report: Report) -> Report:
    """Leave out what changes with every release."""
    return report.model_copy(update={"wiretape": "0"})


def tokens(text: str) -> list[Token]:
    """Parse as GitHub does, HTML included."""
    outer = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    return [each for token in outer for each in (token, *(token.children or ()))]


def test_the_report_of_a_story(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    report = of_no_version(reported(tmp_path, story()))
    assert markdown(report) == snapshot(extension_class=_Markdown)
    assert as_json(report) == snapshot(extension_class=_Json)


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.stem)
def test_the_report_of_a_fixture(
    fixture: Path, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    report = of_no_version(reported(tmp_path, fixture))
    assert markdown(report) == snapshot(extension_class=_Markdown)


@pytest.mark.parametrize("play", [story, official, hostile])
def test_nothing_recorded_becomes_markup(tmp_path: Path, play: Callable[[], Play]) -> None:
    found = tokens(markdown(reported(tmp_path, play())))
    html = [token.content for token in found if token.type.startswith("html")]
    assert all(any(text.startswith(ours) for ours in OURS) for text in html), html
    assert not {token.type for token in found} & {"link_open", "image", "hr", "s_open"}
    assert {token.info for token in found if token.type == "fence"} <= {"json", "mermaid"}


def test_what_is_recorded_is_still_to_be_read(tmp_path: Path) -> None:
    found = tokens(markdown(reported(tmp_path, hostile())))
    headings = [after.content for token, after in pairwise(found) if token.tag == "h3"]
    assert any("<script>" in text for text in headings)
    code = {token.content for token in found if token.type == "code_inline"}
    assert any(EVIL[3] in text for text in code)


def test_a_report_on_very_much_is_short_enough_for_github(tmp_path: Path) -> None:
    report = reported(tmp_path, story())
    much = {
        "journeys": report.journeys * 500,
        "lineages": report.lineages * 500,
        "quotes": report.quotes * 200,
    }
    tools = [
        Finding(id=f"tools.tool.{number}", title="Tool", value={"description": "x" * 100})
        for number in range(2000)
    ]
    offered = Section(id="tools", title="Tools", asks="", findings=tuple(tools))
    text = markdown(report.model_copy(update=much | {"sections": (*report.sections, offered)}))
    assert len(text.encode()) < 512 * 1024
    for what in ("diagrams", "grants", "rows", "lines"):
        assert re.search(rf"^… [\d,]+ {what} more in report.html$", text, re.M), what
    assert "more in report.html" not in markdown(report)


def test_tables_have_as_many_cells_in_every_row(tmp_path: Path) -> None:
    for line in _tables(markdown(reported(tmp_path, hostile()))):
        cells = {len(row.replace("\\|", "").split(" | ")) for row in line}
        assert len(cells) == 1, line


def _tables(text: str) -> list[list[str]]:
    tables: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.startswith("|"):
            tables[-1].append(line)
        elif tables[-1]:
            tables.append([])
    return [table for table in tables if table]
