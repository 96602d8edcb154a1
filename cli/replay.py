"""`wiretape replay`: bring a service back to life from its profile."""

import os
import secrets
from contextlib import AsyncExitStack
from functools import partial
from typing import Annotated, Literal

import typer
import uvloop

from wiretape.cli import arming, controllable, enrolling, options, recalling, recordable
from wiretape.recorder.capture.client import reverse_environment, run, until_interrupted
from wiretape.recorder.errors import UsageError
from wiretape.recorder.log.urls import is_loopback
from wiretape.replay.clock import Clock
from wiretape.replay.control.access import MAIN
from wiretape.replay.control.hosting import hosting
from wiretape.replay.edge.serving import Running
from wiretape.replay.edge.tls import authority
from wiretape.replay.journal import KEPT
from wiretape.replay.service import Choices

_EXAMPLES = """
[bold]Examples[/bold]

The official service of August 2025, its issuer mended for clients that insist:
  wiretape replay atlassian-2025-08 --issuer consistent

Your own service, on a port of your choice, with tokens that live for ten seconds:
  wiretape replay profile.toml --listen 127.0.0.1:8585 --expires-in 10

Tokens that live for 55 minutes are over in 55 seconds:
  wiretape replay atlassian-2025-08 --clock-rate 60

Its time stands still until wiretape control says otherwise:
  wiretape replay atlassian-2025-08 --clock stop --control-file control.json

By https, as the real one; clients trust the file that is printed:
  wiretape replay atlassian-2025-08 --tls

Two users, who are asked in the browser whether they allow it:
  wiretape replay atlassian-2026-09 --user ada --user bob --consent

What a gateway has upstream, which knows its client, in a file with its id and secret:
  wiretape replay atlassian-gateway --client client.json --user ada --user bob

Tests in any language, with the service's URL in WIRETAPE_URL:
  wiretape replay atlassian-2026-09 --quiet -- npm test

Answers as they were recorded; what was not recorded, and what is not asked, is told:
  wiretape replay recording.jsonl --strict

The same at the pace of then, whatever the search is for:
  wiretape replay recording.jsonl --pace recorded --match searchJiraIssuesUsingJql=method

Is a client sound? Whatever it must not rely on is another each time:
  wiretape replay atlassian-2025-08 --vary

What a client does there, recorded and told:
  wiretape replay atlassian-2025-08 --record --name mine
  wiretape report mcp-traffic-mine-*.jsonl

The first refresh is refused, as if the token had been used already:
  wiretape replay atlassian-2026-09 --fault refresh-token-used:times=1

A whole bad day, from a file of faults:
  wiretape replay atlassian-2026-09 --scenario bad-day.toml
"""
_SEEDS = 1_000_000


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("replay", epilog=_EXAMPLES)(replay)


def replay(
    profile: Annotated[
        str,
        typer.Argument(
            metavar="PROFILE", help="A profile's file, the name of one here, or a recording."
        ),
    ],
    command: Annotated[
        list[str] | None,
        typer.Argument(metavar="[-- CMD ...]", help="What to run against it, such as tests."),
    ] = None,
    recording: recalling.Recordings = None,
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
    user: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="A user who consents, if a cookie or login_hint names this one; else the first.",
        ),
    ] = None,
    client: enrolling.Clients = None,
    consent: Annotated[
        bool, typer.Option("--consent", help="Ask users on a page instead of consenting at once.")
    ] = False,
    fault: arming.Faults = None,
    scenario: arming.Scenario = None,
    clock_rate: Annotated[
        float,
        typer.Option(
            min=0, max=1e6, metavar="FACTOR", help="Let the service's time run so much faster."
        ),
    ] = 1,
    clock: Annotated[
        Literal["run", "stop"],
        typer.Option(help="With [bold]stop[/bold] its time passes only by wiretape control."),
    ] = "run",
    tls: Annotated[
        bool, typer.Option("--tls", help="Serve by https, with an authority made for this run.")
    ] = False,
    match: recalling.Matches = None,
    assume: recalling.Assume = False,
    pace: recalling.PaceOf = "fast",
    strict: recalling.Strict = False,
    vary: Annotated[
        bool,
        typer.Option("--vary", help="Vary what clients must not rely on: see docs/replay.md."),
    ] = False,
    seed: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Vary it as it was with that seed.")
    ] = None,
    journal: Annotated[
        int, typer.Option(min=0, metavar="N", help="Keep the newest N requests in the journal.")
    ] = KEPT,
    control_file: controllable.File = None,
    control_port: controllable.Port = None,
    record: recordable.Record = False,
    name: recordable.Name = None,
    out: recordable.Out = None,
    redact: options.RulesFile = None,
    pseudonym_key: options.KeyFile = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only the URL.")] = False,
) -> None:
    """Replay a service from its profile: its OAuth, its MCP, its refusals and its quirks.

    Prints the URL of its MCP endpoint, and serves until Ctrl-C; with [bold]-- CMD[/bold] until that
    ends, whose exit code is passed on. CMD finds the service by its environment: WIRETAPE_URL,
    WIRETAPE_TOKEN_URL and others. What the profile does not know is
    assumed. Tools answer with a text that says so; with a recording they answer as they did there,
    and what was not asked there is an error that tells the nearest which was.
    """
    host, port = _address(listen)
    found = recalling.remembered(profile, recording or [])
    recalling.check(found, match, strict=strict)
    if not is_loopback(host):
        typer.echo(f"wiretape: listening on {host}: whoever reaches it can use it", err=True)
    users = _users(user) if user else Choices.users
    choices = Choices(
        issuer=issuer,
        expires_in=expires_in,
        users=users,
        consent=consent,
        clients=enrolling.enrolled(client or []),
        recorded=found.recorded,
        matching=recalling.matching(match or []),
        assumed=assume,
        pace=recalling.pace(pace),
        journal=journal,
        vary=secrets.randbelow(_SEEDS) if vary and seed is None else seed,
    )
    faults = arming.plans(fault, scenario)
    time = _time(clock_rate, stopped=clock == "stop")
    control = controllable.control(control_file, control_port)
    told = recordable.Told(name, out, redact, pseudonym_key)
    recorded = recordable.recorded(told, time, found.profile.name, record=record)

    async def serve() -> tuple[int, list[str]]:
        """Serve until told to end; gives an exit code, and what of recordings was lacking."""
        async with AsyncExitStack() as stack:
            trusted = stack.enter_context(authority()) if tls else None
            taken = stack.enter_context(recorded) if recorded is not None else None
            services = await stack.enter_async_context(hosting(trusted))
            at = await services.start(
                found.profile,
                MAIN,
                host=host,
                port=port,
                clock=time,
                choices=choices,
                faults=faults,
                taken=taken,
            )
            if control is not None:
                await stack.enter_async_context(
                    controllable.controlled(services, control, quiet=quiet)
                )
            if not quiet:
                at.service.world.journal.told = recalling.tell
            if choices.vary is not None:
                typer.echo(f"varied with --seed {choices.vary}", err=True)
            if taken is not None and not quiet:
                typer.echo(f"recording {taken.path}", err=True)
            tell = partial(_tell, at, quiet=quiet, shared=bool(command))
            code = 0
            if command:
                tell()
                code = await run(command, reverse_environment(os.environ, at.urls[0]) | at.env())
            else:
                await until_interrupted(tell)  # whoever reads the URL may end it at once
            return code, recalling.summed_up(at.service)

    code, lacking = uvloop.run(serve())
    if not quiet:
        for line in lacking:
            typer.echo(line, err=True)
    raise typer.Exit(code or int(strict and bool(lacking)))


def _tell(at: Running, *, quiet: bool, shared: bool) -> None:
    """Print where the service is, the MCP endpoints last: then everything else is told.

    Where standard output is shared, it is the command's.
    """
    if at.authority is not None:
        typer.echo(f"clients trust it with SSL_CERT_FILE={at.authority.file}", err=True)
    if not quiet:
        for named, local in at.origins.local.items():
            typer.echo(f"{local} stands for {named}", err=True)
    for url in () if quiet and shared else at.urls:
        typer.echo(url, err=shared)


def _time(rate: float, *, stopped: bool) -> Clock:
    if stopped and rate != 1:
        raise UsageError(f"--clock-rate {rate:g}: with --clock stop no time passes; say one")
    return Clock(rate=0 if stopped else rate)


def _address(listen: str) -> tuple[str, int]:
    host, port = options.address(listen)
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - it is refused
        raise UsageError(
            f"--listen {listen}: URLs of this address are told to clients, so say one that they"
            " can use, such as this machine's in their network"
        )
    return host, port


def _users(names: list[str]) -> tuple[str, ...]:
    for name in names:
        if not name.strip() or not name.isprintable():
            raise UsageError(f"--user {name!r}: say a name of printable characters")
    return tuple(dict.fromkeys(names))
