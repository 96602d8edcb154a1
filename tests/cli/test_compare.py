"""`wiretape compare`: its words, what it prints and writes, its exit codes."""

import json
import re
import stat
from pathlib import Path

import pytest
from command import Wiretape
from jsonschema import Draft202012Validator
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from hostile import hostile
from official import official
from our_bridge import mended_bridge, our_bridge
from play import Play, initialize, initialized
from players import MCP
from wiretape.analysis.comparison.rule import SEVERITIES
from wiretape.analysis.comparison.schema import json_schema

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
SCHEMA = Draft202012Validator(json.loads(json_schema()))


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Print at one width, and file names without the folder."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def reference() -> Path:
    return official().write(Path("official.jsonl"))


@pytest.fixture
def bridge() -> Path:
    return our_bridge().write(Path("bridge.jsonl"))


@pytest.fixture
def mended() -> Path:
    return mended_bridge().write(Path("mended.jsonl"))


def accepting(text: str) -> Path:
    path = Path("known.toml")
    path.write_text(f"[accept]\n{text}")
    return path


def test_what_is_printed(
    wiretape: Wiretape, reference: Path, bridge: Path, snapshot: SnapshotAssertion
) -> None:
    ran = wiretape("compare", reference, bridge)
    assert (ran.code, ran.err) == (1, "")
    assert ran.out == snapshot
    assert max(map(cell_len, ran.out.splitlines())) <= 100


def test_a_title_of_several_lines_is_indented(
    wiretape: Wiretape, reference: Path, bridge: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    for line in wiretape("compare", reference, bridge).out.splitlines()[:-4]:
        assert line.startswith((*SEVERITIES, " " * 9)) or not line, line


def test_cosmetic_differences_say_briefly_what_was_seen(
    wiretape: Wiretape, reference: Path, mended: Path
) -> None:
    lines = wiretape("compare", reference, mended).out.splitlines()
    at = next(number for number, line in enumerate(lines) if line.endswith("  token.shape"))
    assert " instead of " in lines[at + 1]
    assert lines[at + 1].startswith(" " * 9)


def test_it_fails_on_what_is_as_bad_as_that(
    wiretape: Wiretape, reference: Path, mended: Path
) -> None:
    assert wiretape("compare", reference, mended).code == 0
    assert wiretape("compare", reference, mended, "--fail-on", "risky").code == 1
    assert wiretape("compare", reference, mended, "--fail-on", "cosmetic").code == 1
    assert wiretape("compare", reference, reference, "--fail-on", "cosmetic").code == 0


def test_no_difference_is_said_in_a_line(wiretape: Wiretape, reference: Path) -> None:
    ran = wiretape("compare", reference, reference)
    assert ran.out.startswith("0 breaking, 0 risky, 0 cosmetic; ")
    assert ran.out.count("\n") == 1


def test_the_files(
    wiretape: Wiretape, reference: Path, bridge: Path, snapshot: SnapshotAssertion
) -> None:
    out = Path("new/comparison")
    ran = wiretape("compare", reference, bridge, "-o", out)
    assert f"Open {(out / 'comparison.html').resolve()}\n" in ran.out
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    files = {path.name: path for path in out.iterdir()}
    assert files.keys() == {f"comparison.{ending}" for ending in ("html", "json", "md", "sarif")}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files.values()} == {0o600}
    assert files["comparison.md"].read_text("utf-8") == snapshot
    SCHEMA.validate(json.loads(files["comparison.json"].read_text()))


def test_json_for_programs(wiretape: Wiretape, reference: Path, bridge: Path) -> None:
    ran = wiretape("compare", reference, bridge, "--json", "-o", "out")
    told = json.loads(ran.out)
    assert json.loads(Path("out/comparison.json").read_text()) == told
    assert told["schema"] == "wiretape.comparison/1"
    assert told["subject"]["upstream"] == ["https://auth.atlassian.com"]
    assert "5 breaking" in ran.err


def test_annotations_for_github(
    wiretape: Wiretape, reference: Path, bridge: Path, snapshot: SnapshotAssertion
) -> None:
    ran = wiretape("compare", reference, bridge, "--github")
    lines = ran.out.splitlines()
    assert {line.partition(" ")[0] for line in lines} == {"::error", "::warning", "::notice"}
    assert lines[0] == snapshot
    assert "5 breaking" in ran.err


def test_either_json_or_annotations(wiretape: Wiretape, reference: Path) -> None:
    ran = wiretape("compare", reference, reference, "--json", "--github")
    assert (ran.code, ran.err) == (2, "wiretape: say either --json or --github\n")


def test_what_is_accepted_does_not_fail(wiretape: Wiretape, reference: Path, mended: Path) -> None:
    known = accepting('"transport.no-sse" = "on purpose"')
    how = ("--fail-on", "risky", "--accept", known, "-o", "out")
    ran = wiretape("compare", reference, mended, *how)
    assert (ran.code, ran.err) == (0, "")
    assert "0 risky" in ran.out
    assert "1 difference accepted" in ran.out
    assert "No HTTP+SSE" not in ran.out
    assert "| `transport.no-sse` | on purpose |" in Path("out/comparison.md").read_text()
    (suppressed,) = (
        result
        for result in json.loads(Path("out/comparison.sarif").read_text())["runs"][0]["results"]
        if "suppressions" in result
    )
    assert suppressed["suppressions"] == [{"kind": "external", "justification": "on purpose"}]


def test_what_no_longer_differs_fails(wiretape: Wiretape, reference: Path) -> None:
    known = accepting('"token.lifetime" = "while we test"')
    ran = wiretape("compare", reference, reference, "--accept", known)
    assert ran.code == 1
    assert ran.err == "wiretape: known.toml: token.lifetime does not differ any more; take it out\n"


def test_what_never_was_a_difference_is_told_from_it(wiretape: Wiretape, reference: Path) -> None:
    known = accepting('"token.lifetim" = "typo"\n"upstream.redirect.methd" = "typo"\n"x" = "y"')
    ran = wiretape("compare", reference, reference, "--accept", known, "-o", "out", "--github")
    assert ran.code == 1
    mistakes = (
        "token.lifetim is no difference's id; did you mean token.lifetime?",
        "upstream.redirect.methd is no difference's id; did you mean redirect.method?",
        "x is no difference's id; take it out",
    )
    for mistake in mistakes:
        assert f"wiretape: known.toml: {mistake}\n" in ran.err
        assert f"::error title=Accepted differences::{mistake}\n" in ran.out
    for name in ("comparison.md", "comparison.html"):
        assert "token.lifetim" in Path("out", name).read_text()


def test_what_no_longer_differs_is_an_error_for_github_as_well(
    wiretape: Wiretape, reference: Path
) -> None:
    known = accepting('"upstream.trouble.authorize_fails" = "while we test"')
    ran = wiretape("compare", reference, reference, "--accept", known, "--github")
    assert ran.out == (
        "::error title=Accepted differences::"
        "upstream.trouble.authorize_fails does not differ any more; take it out\n"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[accept]\n\"a\" = ''", "known.toml: accept.a: "),
        ('[accept]\n"a" = 1', "known.toml: accept.a: "),
        ("[accepted]", "known.toml: accepted: "),
        ("[accept", "known.toml: not a TOML file: "),
        (b"\xff", "known.toml: not a TOML file: "),
    ],
)
def test_a_file_that_accepts_nothing(
    wiretape: Wiretape, reference: Path, text: str | bytes, says: str
) -> None:
    Path("known.toml").write_bytes(text.encode() if isinstance(text, str) else text)
    ran = wiretape("compare", reference, reference, "--accept", "known.toml")
    assert ran.code == 3
    assert ran.err.startswith(f"wiretape: {says}")
    assert ran.err.count("\n") == 1


def test_files_that_are_none(wiretape: Wiretape, reference: Path) -> None:
    Path("empty.jsonl").touch()
    for words in (
        (reference, "missing.jsonl"),
        ("missing.jsonl", reference),
        (reference, "empty.jsonl"),
        ("missing.toml", reference),
        (reference, reference, "--accept", "missing.toml"),
    ):
        ran = wiretape("compare", *words)
        assert ran.code in {3, 4}
        assert ran.err.count("\n") == 1


def test_a_profile_is_compared_with_a_recording(wiretape: Wiretape, reference: Path) -> None:
    """The profile is told by the recording's maker from the same facts."""
    assert wiretape("report", reference, "-o", "out").code == 0
    for words in (("out/profile.toml", reference), (reference, "out/profile.toml")):
        ran = wiretape("compare", *words, "--fail-on", "cosmetic")
        assert ran.code == 0, ran.out


def test_a_recording_that_is_cut_is_no_reason_to_be_content(
    wiretape: Wiretape, reference: Path
) -> None:
    cut = Path("cut.jsonl")
    whole = reference.read_bytes()
    cut.write_bytes(whole[: len(whole) // 3])
    ran = wiretape("compare", reference, cut, "-o", "out")
    warning = "The subject is incomplete: cut.jsonl lacks the end of the last line. "
    assert ran.err.startswith(f"wiretape: {warning}")
    assert re.search(r": [1-9]\d* findings not seen in it\.\n$", ran.err)
    told = json.loads(Path("out/comparison.json").read_text())
    assert told["subject"]["lacks"] == ["the end of the last line"]
    assert told["reference"]["lacks"] == []
    for name in ("comparison.md", "comparison.html"):
        assert "The subject is incomplete" in Path("out", name).read_text()
    (run,) = json.loads(Path("out/comparison.sarif").read_text())["runs"]
    (notified,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notified["message"]["text"].startswith(warning)
    ran = wiretape("compare", cut, reference, "--github")
    assert ran.out.startswith("::warning title=Incomplete::The reference is incomplete: ")


def test_gaps_and_a_probe_that_was_interrupted_are_told(wiretape: Wiretape) -> None:
    gappy = official()
    gappy.gap("disk full", 3)
    gappy.mark("probe", "interrupted")
    path = gappy.write(Path("gappy.jsonl"))
    told = json.loads(wiretape("compare", path, path, "--json").out)
    assert told["subject"]["lacks"] == [
        "3 records",
        "the rest of the probe, which was interrupted",
    ]


def test_a_profile_of_nothing_but_a_name_cannot_be_compared(
    wiretape: Wiretape, reference: Path
) -> None:
    assert wiretape("report", reference, "-o", "out").code == 0
    head = Path("out/profile.toml").read_text().partition("\n[")[0]
    Path("name.toml").write_text(head)
    for words in (("name.toml", reference), (reference, "name.toml")):
        ran = wiretape("compare", *words)
        assert ran.code == 3, ran.err
        assert ran.err == "wiretape: name.toml: nothing to compare: it tells of no service\n"


def test_of_two_services_one_can_be_chosen(wiretape: Wiretape) -> None:
    play = Play()
    other = MCP.replace("https://", "https://other.")
    for url, shown in ((MCP, None), (other, "mcp-session-id")):
        cors = {"access-control-allow-origin": "*", "access-control-expose-headers": shown}
        headers = cors | {"mcp-session-id": "1f"}
        asked = play.post(url, initialize(), {"origin": "https://editor.example"})
        play.answer(asked, initialized(), headers=headers)
    both = play.write(Path("both.jsonl"))
    chosen = other.removesuffix("/mcp")
    ran = wiretape("compare", both, both, "--json", "--service", chosen)
    told = json.loads(ran.out)
    assert told["reference"]["service"] == [chosen]
    assert told["reference"]["upstream"] == [MCP.removesuffix("/mcp")]
    ran = wiretape("compare", both, both, "--service", "https://nobody.example.com")
    assert ran.code == 2
    assert ran.err.startswith("wiretape: --service https://nobody.example.com: ")


def test_in_colour_only_the_colours_are_commands(
    wiretape: Wiretape, reference: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    evil = hostile().write(Path("evil.jsonl"))
    printed = wiretape("compare", reference, evil).out
    assert "\x1b[1;31mbreaking" in printed
    assert all(char.isprintable() or char == "\n" for char in COLOUR.sub("", printed))


def test_a_terminal_is_told_nothing_by_a_recording(wiretape: Wiretape, reference: Path) -> None:
    evil = hostile().write(Path("evil.jsonl"))
    for words in ((reference, evil), (evil, reference)):
        for how in ((), ("--json",), ("--github",)):
            ran = wiretape("compare", *words, *how)
            assert all(char.isprintable() or char == "\n" for char in ran.out + ran.err)
