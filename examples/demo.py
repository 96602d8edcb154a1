"""What wiretape is for, end to end and on loopback: `make demo`.

A real MCP server behind OAuth, a real client of the MCP SDK, the recorder between them; what the
recording tells; the same client once more, with the recording in the server's place; and a bridge
that is tested against the official service, without that service.
"""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape

EXAMPLES = Path(__file__).parent
OUT = Path("wiretape-out")
REPORT = OUT / "report"
CONFORMANCE = OUT / "conformance"
PROFILE = EXAMPLES.parent / "fixtures/profiles/atlassian-2025-08.toml"
WIRETAPE = str(Path(sys.executable).with_name("wiretape"))

BRIDGE = EXAMPLES / "bridge/wiretape.toml"
CONFORM = (WIRETAPE, "conform", "bridge", "--config")
MISTAKE = "the-rotated-token-is-not-stored"
TESTS = EXAMPLES.parent / "tests"

TELLING = {
    "authorization.pkce": "PKCE",
    "token.lifetime": "Tokens live, in seconds",
    "token.access.shape": "Access tokens",
    "transport.kinds": "Transport",
    "protocol.revisions": "Revisions, offered and chosen",
    "tools.list": "Tools",
}
"""Findings of the report that are shown in the terminal, in words."""

console = Console(highlight=False)


SERVER = (sys.executable, str(EXAMPLES / "notes_server.py"), "--token-seconds", "3300")


@contextmanager
def serving(*command: str) -> Iterator[str]:
    """Run a server and give its URL, which it prints when it is ready."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def step(title: str) -> None:
    """Say what comes next."""
    console.print()
    console.rule(f"[bold]{title}", align="left")


def in_shell(command: Sequence[str]) -> str:
    """Give a command as one would type it."""
    named = (Path(word).name if word in (sys.executable, WIRETAPE) else word for word in command)
    return " ".join(named)


def run(*command: str, **environment: str) -> None:
    """Show a command, then run it; the demo ends where one fails."""
    run_to(0, command, **environment)


def run_to(code: int, command: Sequence[str], **environment: str) -> None:
    """Show a command, then run it; the demo ends where one has another exit code."""
    console.print(f"[dim]$ {in_shell(command)}[/dim]", soft_wrap=True)
    done = subprocess.run(command, check=False, env=os.environ | environment)
    if done.returncode != code:
        raise subprocess.CalledProcessError(done.returncode, command)


def tell() -> None:
    """Show some of what the report found, each with the first line that shows it."""
    report = json.loads((REPORT / "report.json").read_text(encoding="utf-8"))
    findings = {each["id"]: each for section in report["sections"] for each in section["findings"]}
    for id_, words in TELLING.items():
        (_, line), *_ = findings[id_]["evidence"]
        said = escape(in_words(findings[id_]["value"]))
        console.print(f"  {words}: [bold]{said}[/bold] [dim](line {line})[/dim]", soft_wrap=True)


def in_words(value: object) -> str:
    """Say a value briefly."""
    match value:
        case {"kind": kind, "length": length}:
            return f"{kind}, {length} characters"
        case dict():
            return ", ".join(f"{key} → {each}" for key, each in value.items())
        case list():
            return ", ".join(map(str, value))
    return str(value)


def broken_bridge() -> Path:
    """Describe the bridge with a mistake: after a refresh it keeps the old refresh token."""
    described = BRIDGE.read_text(encoding="utf-8")
    module = f'"-m", "mutants.bridge", "{MISTAKE}", "--",'
    described = described.replace('"-m", "bridge",', module)
    environment = f'cwd = "{EXAMPLES}"\nenv = {{PYTHONPATH = "{TESTS}"}}'
    file = OUT / "broken.toml"
    file.write_text(described.replace('cwd = ".."', environment), encoding="utf-8")
    return file


def suggest(what: str, *command: str) -> None:
    """Show a command to run next."""
    console.print(f"{what}:\n$ {shlex.join(command)}", soft_wrap=True)


def main() -> None:
    """Record a session, report on it, replay it, and test a bridge."""
    client = (sys.executable, str(EXAMPLES / "notes_client.py"))
    direct = dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1")  # it stays on loopback
    with serving(*SERVER) as url:
        step("Record: a client's whole session, from discovery to the last call")
        run(WIRETAPE, "record", "--name", "demo", "--out", str(OUT), "--", *client, url, **direct)
    recording = max(OUT.glob("mcp-traffic-demo-*.jsonl"))
    step("Look at it")
    run(WIRETAPE, "show", str(recording))
    step("Make sure that it can be shared")
    run(WIRETAPE, "check", str(recording))
    step("What it tells of the service")
    run(WIRETAPE, "report", str(recording), "-o", str(REPORT))
    tell()
    step("Replay it: the same client, and no server")
    replay = (WIRETAPE, "replay", str(recording))
    console.print(f"[dim]$ {in_shell(replay)}[/dim]", soft_wrap=True)
    with serving(*replay) as url:
        run(*client, url, **direct)
    step("Conform: a bridge between clients that are played and Atlassian's service, replayed")
    run(*CONFORM, os.path.relpath(BRIDGE), "-o", str(CONFORMANCE))
    step("The bridge with one mistake: it does not store the refresh token that replaces one")
    broken = ("--check", "refresh.*", "-o", str(OUT / "broken"))
    run_to(1, (*CONFORM, str(broken_bridge()), *broken))
    step("Next")
    suggest("Name known failures, with cause and remedy", "wiretape", "diagnose", str(recording))
    official = os.path.relpath(PROFILE)
    differences = ("wiretape", "compare", official, str(recording), "-o", str(OUT / "differences"))
    suggest("Tell how it differs from Atlassian's service, and what that breaks", *differences)
    console.print(f"\nThe recording: {recording.resolve()}", soft_wrap=True)
    console.print(f"The report:    {(REPORT / 'report.html').resolve()}", soft_wrap=True)
    console.print(f"The tests:     {(CONFORMANCE / 'conformance.html').resolve()}", soft_wrap=True)


if __name__ == "__main__":
    main()
