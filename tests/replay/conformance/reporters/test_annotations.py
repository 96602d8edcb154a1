"""GitHub's workflow commands: one line each, whatever is in them."""

import re

from outcomes import HOSTILE, hostile, mixed, report, result
from wiretape.recorder.log.printable import printable
from wiretape.replay.conformance.reporters.annotations import annotations

COMMAND = re.compile(r"::(error|warning) (?:file=([^,:]*),line=1,)?title=([^,:]*)::([^\r\n]*)")


def test_what_fails_and_what_warns_is_told_where_it_can_be_shown() -> None:
    found = [COMMAND.fullmatch(line) for line in annotations(mixed())]
    assert all(found)
    told = {(match[3].partition("%3A")[0], match[1], match[2]) for match in found if match}
    assert told == {
        ("pkce.wrong-verifier", "error", "examples/bridge/wiretape.toml"),
        ("restart.kept", "error", "examples/bridge/wiretape.toml"),
        ("cors.exposed", "warning", "examples/bridge/wiretape.toml"),
    }


def test_a_message_tells_both_sides_requirement_and_remedy() -> None:
    (line,) = annotations(report(result("a.b", "fail")))
    assert line.partition("::error file=examples/bridge/wiretape.toml,line=1,")[2] == (
        "title=a.b%3A What a.b asks for::Seen: what a.b saw%0A"
        "client → target: POST /token authorization_code → 200 (lines 13, 14)%0A"
        "target → service: POST /v1/token → no answer (line 15)%0A"
        "Requires: MUST: RFC 7636, 4.6%0A"
        "Remedy: How to mend a.b"
    )


def test_what_is_accepted_is_told_once_and_is_no_error() -> None:
    given = report(result("a.b", "untestable"), untestable_accepted=True)
    assert list(annotations(given)) == [
        "::warning title=Conformance::1 check could not be tested, which was accepted"
    ]


def test_whatever_was_recorded_a_command_is_one_line() -> None:
    lines = list(annotations(hostile()))
    assert len(lines) == 5
    assert all(COMMAND.fullmatch(line) and line.isprintable() for line in lines)
    escaped = HOSTILE.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    assert f"Seen: {printable(escaped)}" in lines[2]
