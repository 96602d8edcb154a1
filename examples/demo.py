"""What wiretape is for, end to end and on loopback: `make demo`.

A real MCP server behind OAuth, a real client of the MCP SDK, the recorder between them.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

EXAMPLES = Path(__file__).parent
OUT = Path("wiretape-out")
WIRETAPE = str(Path(sys.executable).with_name("wiretape"))

console = Console(highlight=False)


@contextmanager
def notes_server() -> Iterator[str]:
    """Run the server and give its URL, which it prints when it is ready."""
    with subprocess.Popen(
        [sys.executable, str(EXAMPLES / "notes_server.py"), "--token-seconds", "3300"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
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


def run(*command: str, **environment: str) -> None:
    """Show a command, then run it; the demo ends where one fails."""
    shown = [Path(word).name if word in (sys.executable, WIRETAPE) else word for word in command]
    console.print(f"[dim]$ {' '.join(shown)}[/dim]", soft_wrap=True)
    subprocess.run(command, check=True, env=os.environ | environment)


def main() -> None:
    """Record a session and look at it."""
    with notes_server() as url:
        step("Record: a client's whole session, from discovery to the last call")
        client = (sys.executable, str(EXAMPLES / "notes_client.py"), url)
        direct = dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1")  # it stays on loopback
        run(WIRETAPE, "record", "--name", "demo", "--out", str(OUT), "--", *client, **direct)
    recording = max(OUT.glob("mcp-traffic-demo-*.jsonl"))
    step("Look at it")
    run(WIRETAPE, "show", str(recording))
    step("Make sure that it can be shared")
    run(WIRETAPE, "check", str(recording))
    console.print(f"\nThe recording: {recording.resolve()}", soft_wrap=True)


if __name__ == "__main__":
    main()
