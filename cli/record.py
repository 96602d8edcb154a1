"""`wiretape record`: capture a live session into a recording."""

import asyncio
import ipaddress
import re
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated

import typer

from wiretape.cli.live import LiveView
from wiretape.recorder.errors import EnvironmentFaultError, UsageError
from wiretape.recorder.redaction.pseudonym import load_key
from wiretape.recorder.redaction.redactor import Redactor
from wiretape.recorder.redaction.rules import DEFAULT

if TYPE_CHECKING:
    from wiretape.recorder.capture.session import Listening

_EXAMPLES = """
[bold]Examples[/bold]

Run a client through the recorder:
  wiretape record -- python my_client.py https://mcp.atlassian.com/v1/sse

Listen on a port until Ctrl-C, for clients configured by hand:
  wiretape record --name vscode --listen 127.0.0.1:8484

Stand in front of one server, for a client that takes no proxy:
  wiretape record --reverse https://mcp.atlassian.com
"""

_SIZE = re.compile(r"(\d+)\s*([kKmMgG]?)(?:i?[bB])?")
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("record", epilog=_EXAMPLES, context_settings={"allow_interspersed_args": False})(
        record
    )


def record(
    command: Annotated[
        list[str] | None,
        typer.Argument(metavar="[-- CMD ...]", help="The client to run through the recorder."),
    ] = None,
    name: Annotated[str, typer.Option(help="What to call the recording.")] = "session",
    out: Annotated[Path, typer.Option(help="Folder for the recording.")] = Path(),
    listen: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where to listen; port 0 takes a free one.")
    ] = "127.0.0.1:0",
    reverse: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Stand in front of this server instead of being a proxy."),
    ] = None,
    max_body: Annotated[
        str, typer.Option(metavar="SIZE", help="Keep at most this much of a body, such as 64k.")
    ] = "1M",
    redact: Annotated[
        Path | None, typer.Option(metavar="RULES.toml", help="More rules of what is secret.")
    ] = None,
    pseudonym_key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Key for pseudonyms that are the same in several recordings; keep it secret.",
        ),
    ] = None,
    upstream_ca: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Trust these authorities (PEM) as well.")
    ] = None,
    provenance: Annotated[
        str | None, typer.Option(metavar="TEXT", help="A note on where this comes from.")
    ] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Do not verify upstream certificates.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only errors.")] = False,
) -> None:
    """Record what passes between clients and servers, without the secrets.

    With [bold]-- CMD[/bold] the command runs with its proxy and its trusted certificates set, and
    its exit code is passed on. With [bold]--reverse URL[/bold] the client uses a local URL in place
    of URL and of all others that it is led to; the command finds it in WIRETAPE_URL. The recording
    is a JSONL file; look at it with wiretape show.
    """
    session = _capture()
    host, port = _address(listen)
    view = LiveView(quiet=quiet)
    if not _is_loopback(host):
        view.warn(f"listening on {host}: whoever reaches it can use this proxy")
    settings = session.Settings(
        name=name,
        out=out,
        host=host,
        port=port,
        command=tuple(command or ()),
        reverse=reverse,
        max_body=_size(max_body),
        insecure=insecure,
        upstream_ca=upstream_ca,
        provenance=provenance,
    )

    def listening(where: "Listening") -> None:
        if not settings.command:
            view.say(f"{'proxy' if reverse is None else 'URL':<10} {where.url}")
            if reverse is None:
                view.say(f"CA bundle  {where.ca_bundle}")
        view.say(f"recording  {where.path}")

    with view:
        outcome = asyncio.run(
            session.record(
                settings,
                _redactor(pseudonym_key, redact),
                listening=listening,
                watch=view.see,
                warn=view.warn,
            )
        )
    view.totals(outcome.path)
    if outcome.failed:
        raise EnvironmentFaultError(outcome.failed)
    raise typer.Exit(outcome.exit_code or 0)


def _capture() -> ModuleType:
    try:
        return import_module("wiretape.recorder.capture.session")
    except ModuleNotFoundError as error:
        if error.name and error.name.split(".")[0] == "mitmproxy":
            raise EnvironmentFaultError(
                "recording needs mitmproxy: install it with `pip install 'wiretape[record]'`"
            ) from None
        raise


def _redactor(key: Path | None, rules: Path | None) -> Redactor:
    return Redactor(load_key(key) if key else None, load_rules(rules) if rules else DEFAULT)


def _address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdigit() or int(port) > 65535:
        raise UsageError(f"--listen {listen}: say HOST:PORT, such as 127.0.0.1:8484")
    return host, int(port)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _size(text: str) -> int:
    found = _SIZE.fullmatch(text.strip())
    if not found:
        raise UsageError(f"--max-body {text}: say a size, such as 65536, 64k or 1M")
    return int(found[1]) * _UNITS[found[2].lower()]
