"""`wiretape control`: change a replayed service while it runs."""

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from wiretape.cli.controlling import Remote, checked_id, journal_line, time_change
from wiretape.recorder.errors import UsageError
from wiretape.recorder.log.printable import printable
from wiretape.replay.control.access import MAIN, read

_EXAMPLES = """
[bold]Examples[/bold]

A service that can be controlled, and where it stands:
  wiretape replay atlassian-2025-08 --control-file control.json
  export WIRETAPE_CONTROL_FILE=control.json
  wiretape control state

An hour passes; time stands still; it runs sixty times as fast:
  wiretape control clock +1h
  wiretape control clock stop
  wiretape control clock x60

The next call is refused once; then everything is as before:
  wiretape control fault arm unauthorized:times=1
  wiretape control fault disarm all

A token to use at once, and the end of all others:
  wiretape control token expire all
  wiretape control token issue --user user-1

What the client does, as it does it:
  wiretape control journal --follow
"""
_POLL = 0.3

control = typer.Typer(
    help="Change a replayed service while it runs: its clock, its faults, its tokens.",
    epilog=_EXAMPLES,
    no_args_is_help=True,
    rich_markup_mode="rich",
)
_faults, _tokens, _sessions, _services = (
    typer.Typer(help=about, no_args_is_help=True)
    for about in (
        "Let it misbehave; wiretape faults tells how.",
        "Look at its tokens; expire, revoke and issue them.",
        "Look at its MCP sessions; drop them.",
        "Run more services in the same process.",
    )
)
control.add_typer(_faults, name="fault")
control.add_typer(_tokens, name="token")
control.add_typer(_sessions, name="session")
control.add_typer(_services, name="service")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.add_typer(control, name="control")


@control.callback()
def _where(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Option(
            "--control-file",
            metavar="FILE",
            envvar="WIRETAPE_CONTROL_FILE",
            help="What wiretape replay --control-file wrote.",
        ),
    ] = Path("control.json"),
    service: Annotated[str, typer.Option(help="Which service of that process.")] = MAIN,
) -> None:
    """Hold the options that stand before a command."""
    context.obj = lambda: Remote(read(file), service)


def _ask(context: typer.Context, method: str, path: str = "", **sent: Any) -> Any:
    remote: Remote = context.obj()
    return remote.ask(method, path, **sent)


def _show(value: Any) -> None:
    """Print JSON; what is in it may be a client's, and comes out in ASCII."""
    if value is not None:
        typer.echo(json.dumps(value, indent=2))


@control.command()
def state(context: typer.Context) -> None:
    """Tell where the service is, and how it stands."""
    _show(_ask(context, "GET"))


@control.command()
def clock(
    context: typer.Context,
    change: Annotated[
        str | None, typer.Argument(metavar="[+TIME|stop|run|xFACTOR]", help="What to do with it.")
    ] = None,
) -> None:
    """Tell the service's time, let it jump ahead (+3300s, +55m, +1h), stop or run."""
    sent = None if change is None else time_change(change)
    shown = _ask(context, "GET" if sent is None else "POST", "clock", json=sent)
    typer.echo(f"{datetime.fromtimestamp(shown['now'], UTC).isoformat()}  x{shown['rate']:g}")


@control.command()
def reset(context: typer.Context) -> None:
    """Begin anew: no tokens, clients, sessions, faults, journal. The clock goes on."""
    _show(_ask(context, "POST", "reset"))


@control.command()
def restart(context: typer.Context) -> None:
    """Lose tokens, clients and sessions, as a server does that keeps them in its memory."""
    _show(_ask(context, "POST", "restart"))


@control.command()
def users(context: typer.Context) -> None:
    """List who can consent."""
    _show(_ask(context, "GET", "users"))


@control.command()
def journal(
    context: typer.Context,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on as requests come, until Ctrl-C.")
    ] = False,
    since: Annotated[int, typer.Option(min=0, help="Only after the entry of this number.")] = 0,
    role: Annotated[str | None, typer.Option(help="mcp, sse, message, token, …")] = None,
    method: Annotated[str | None, typer.Option(help="Of HTTP.")] = None,
    operation: Annotated[
        str | None, typer.Option(help="tools/call, refresh_token, and the like.")
    ] = None,
    user: Annotated[str | None, typer.Option(help="Whose token it came with.")] = None,
    status: Annotated[int | None, typer.Option(help="How it was answered.")] = None,
    fault: Annotated[str | None, typer.Option(help="Struck by this fault.")] = None,
    misses: Annotated[
        bool, typer.Option("--misses", help="Only what nothing recorded answers.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one entry a line.")] = False,
    clear: Annotated[bool, typer.Option("--clear", help="Forget it instead.")] = False,
) -> None:
    """Tell which requests came, with whose tokens, and how they were answered."""
    if clear:
        _ask(context, "DELETE", "journal")
        return
    chosen = {"role": role, "method": method, "operation": operation, "user": user}
    chosen |= {"fault": fault}
    wanted: dict[str, Any] = {key: value for key, value in chosen.items() if value is not None}
    wanted |= {"misses": misses} | ({} if status is None else {"status": status})
    with suppress(KeyboardInterrupt):
        for entry in _entries(context, since, wanted, follow=follow):
            typer.echo(json.dumps(entry) if as_json else journal_line(entry))


@control.command()
def unplayed(context: typer.Context) -> None:
    """List the recorded calls that nobody has asked yet."""
    _show(_ask(context, "GET", "unplayed"))


@_faults.command("list")
def list_faults(context: typer.Context) -> None:
    """List the faults that are armed."""
    _show(_ask(context, "GET", "faults"))


@_faults.command()
def arm(
    context: typer.Context,
    fault: Annotated[str, typer.Argument(metavar="NAME[:k=v,…]", help="As with replay --fault.")],
) -> None:
    """Arm a fault."""
    _show(_ask(context, "POST", "faults", json={"fault": fault}))


@_faults.command()
def disarm(
    context: typer.Context,
    number: Annotated[str, typer.Argument(metavar="ID|all", help="As fault list tells it.")],
) -> None:
    """Disarm a fault, or all."""
    if number != "all" and not number.isdigit():
        raise UsageError(f"{printable(number)}: say the number of a fault, or all")
    _show(_ask(context, "DELETE", "faults" if number == "all" else f"faults/{number}"))


@_tokens.command("list")
def list_tokens(context: typer.Context) -> None:
    """List the tokens, without what makes them secret."""
    _show(_ask(context, "GET", "tokens"))


_Id = Annotated[str, typer.Argument(metavar="ID|all", help="As the list tells it.")]


@_tokens.command()
def expire(context: typer.Context, token: _Id) -> None:
    """Let an access token be over, or all; prints how many."""
    _show(_ask(context, "POST", f"tokens/{checked_id(token)}/expire"))


@_tokens.command()
def revoke(context: typer.Context, token: _Id) -> None:
    """Revoke a token, or all; a refresh token takes its lineage with it."""
    _show(_ask(context, "POST", f"tokens/{checked_id(token)}/revoke"))


@_tokens.command()
def issue(
    context: typer.Context,
    user: Annotated[str | None, typer.Option(help="For whom.")] = None,
    scope: Annotated[str | None, typer.Option(help="For what.")] = None,
    client_id: Annotated[
        str | None, typer.Option(help="To which client; without, a new one.")
    ] = None,
) -> None:
    """Issue tokens as if a user had consented; they are printed, to be used."""
    asked = {"user": user, "scope": scope, "client_id": client_id}
    _show(_ask(context, "POST", "tokens", json=asked))


@_sessions.command("list")
def list_sessions(context: typer.Context) -> None:
    """List the MCP sessions that are open."""
    _show(_ask(context, "GET", "sessions"))


@_sessions.command()
def drop(
    context: typer.Context,
    session: Annotated[str, typer.Argument(metavar="NUMBER|all", help="As the list tells it.")],
) -> None:
    """Drop an MCP session, or all, and end its stream; prints how many."""
    _show(_ask(context, "DELETE", f"sessions/{checked_id(session)}"))


@_services.command("list")
def list_services(context: typer.Context) -> None:
    """List the services of the process."""
    _show(_ask(context, "GET", "/services"))


@_services.command()
def start(
    context: typer.Context,
    profile: Annotated[str, typer.Argument(metavar="PROFILE", help="As with wiretape replay.")],
    name: Annotated[str | None, typer.Option(help="What to call it.")] = None,
    expires_in: Annotated[
        int | None, typer.Option(min=1, metavar="SECONDS", help="As with replay --expires-in.")
    ] = None,
    fault: Annotated[
        list[str] | None, typer.Option(metavar="NAME[:k=v,…]", help="As with replay --fault.")
    ] = None,
) -> None:
    """Run one more service, on ports of its own."""
    wanted = {"profile": profile, "expires_in": expires_in, "faults": fault or []}
    wanted |= {} if name is None else {"name": name}
    _show(_ask(context, "POST", "/services", json=wanted))


@_services.command()
def stop(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="As the list tells it.")],
) -> None:
    """End a service."""
    _show(_ask(context, "DELETE", f"/services/{checked_id(name)}"))


def _entries(
    context: typer.Context, since: int, wanted: dict[str, Any], *, follow: bool
) -> Iterator[Any]:
    """Give the journal's entries; to follow, for ever."""
    while True:
        found = _ask(context, "GET", "journal", params=wanted | {"since": since})["entries"]
        yield from found
        if found:
            since = found[-1]["number"]
        elif not follow:
            return
        else:
            time.sleep(_POLL)
