"""`wiretape replay`: bring a service back to life from its profile."""

import asyncio
import ipaddress
import signal
from typing import Annotated, Literal

import typer

from wiretape.analysis.profile.model import Profile
from wiretape.recorder.errors import UsageError
from wiretape.replay.arming import parsed
from wiretape.replay.profiles import profile_named
from wiretape.replay.service import Choices
from wiretape.replay.serving import running

_EXAMPLES = """
[bold]Examples[/bold]

The official service of August 2025, its issuer mended for clients that insist:
  wiretape replay atlassian-2025-08 --issuer consistent

Your own service, on a port of your choice, with tokens that live for ten seconds:
  wiretape replay profile.toml --listen 127.0.0.1:8585 --expires-in 10

The first refresh is refused, as if the token had been used already:
  wiretape replay atlassian-2026-09 --fault refresh-token-used:times=1
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("replay", epilog=_EXAMPLES)(replay)


def replay(
    profile: Annotated[
        str, typer.Argument(metavar="PROFILE", help="A profile's file, or the name of one here.")
    ],
    listen: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where to listen; port 0 takes a free one.")
    ] = "127.0.0.1:0",
    issuer: Annotated[
        Literal["faithful", "consistent"],
        typer.Option(help="Tell the issuer as it was, or as RFC 8414 wants it."),
    ] = "faithful",
    expires_in: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="SECONDS", help="Lifetime of access tokens instead of the profile's."
        ),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[:k=v,…]", help="Misbehave in this way; see [bold]wiretape faults[/bold]."
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only the URL.")] = False,
) -> None:
    """Replay a service from its profile: its OAuth, its MCP, its refusals and its quirks.

    Prints the URL of its MCP endpoint, and serves until Ctrl-C. What the profile does not know is
    assumed; tools answer with a text that says so.
    """
    host, port = _address(listen)
    found = profile_named(profile)
    if not _is_loopback(host):
        typer.echo(f"wiretape: listening on {host}: whoever reaches it can use it", err=True)
    choices = Choices(issuer=issuer, expires_in=expires_in)
    asyncio.run(_serve(found, host, port, choices, faults=fault or [], quiet=quiet))


async def _serve(
    profile: Profile, host: str, port: int, choices: Choices, *, faults: list[str], quiet: bool
) -> None:
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    async with running(profile, host=host, port=port, choices=choices) as at:
        for said in faults:
            name, chosen = parsed(said)
            at.service.faults.arm(name, **chosen)
        for url in at.urls:
            typer.echo(url)
        if not quiet:
            for named, local in at.origins.local.items():
                typer.echo(f"{local} stands for {named}", err=True)
        await ended.wait()


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
