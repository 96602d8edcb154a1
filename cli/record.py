"""`wiretape record`: capture a live session into a recording."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wiretape.cli import options
from wiretape.cli.extra import with_mitmproxy
from wiretape.cli.live import LiveView
from wiretape.recorder.errors import EnvironmentFaultError
from wiretape.recorder.log.urls import is_loopback

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
    max_body: options.MaxBody = "1M",
    redact: options.RulesFile = None,
    pseudonym_key: options.KeyFile = None,
    upstream_ca: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Trust these authorities (PEM) as well.")
    ] = None,
    provenance: options.Provenance = None,
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
    session = with_mitmproxy("wiretape.recorder.capture.session")
    host, port = options.address(listen)
    view = LiveView(quiet=quiet, shared=bool(command))
    if not is_loopback(host):
        view.warn(f"listening on {host}: whoever reaches it can use this proxy")
    settings = session.Settings(
        name=name,
        out=out,
        host=host,
        port=port,
        command=tuple(command or ()),
        reverse=reverse,
        max_body=options.max_body(max_body),
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
                options.redactor(pseudonym_key, redact),
                listening=listening,
                watch=view.see,
                warn=view.warn,
            )
        )
    view.totals(outcome.path)
    if outcome.failed:
        raise EnvironmentFaultError(outcome.failed)
    raise typer.Exit(outcome.exit_code or 0)
