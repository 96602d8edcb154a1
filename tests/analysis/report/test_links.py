"""Where a report's evidence is, seen from the report."""

from pathlib import Path
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from wiretape.analysis.report.links import links

PROJECT = Path("/home/somebody/project")
NAMES = st.text(st.characters(exclude_characters="/\0", codec="utf-8"), min_size=1, max_size=9)
INSIDE = st.lists(NAMES.filter(lambda name: name not in {".", ".."}), min_size=1, max_size=3).map(
    lambda names: PROJECT.joinpath(*names)
)


def test_links_lead_up_and_down() -> None:
    recordings = [PROJECT / "recordings/a.jsonl", PROJECT / "b c (1).jsonl"]
    found = links(recordings, PROJECT / "docs/report", PROJECT)
    assert found == ("../../recordings/a.jsonl", "../../b%20c%20%281%29.jsonl")


def test_nothing_outside_of_the_project_is_named() -> None:
    inside, outside = PROJECT / "a.jsonl", Path("/home/somebody/else/a.jsonl")
    assert links([inside, outside], PROJECT / "out", PROJECT) == ("../a.jsonl", None)
    assert links([inside, outside], Path("/tmp/out"), PROJECT) == (None, None)


@given(INSIDE, INSIDE)
def test_a_link_ends_nowhere_before_its_end(recording: Path, out: Path) -> None:
    (link,) = links([recording], out, PROJECT)
    assert link is not None
    assert not set(link) & set(" ()<>[]|`#?&\n")
    assert Path(*(out / unquote(link)).parts).resolve() == recording.resolve()
