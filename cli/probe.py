"""`wiretape probe`: walk a service through its life."""

import asyncio
import ssl
from pathlib import Path
from typing import Annotated

import httpx
import typer

from wiretape.cli import options, probe_options
from wiretape.cli.durations import seconds
from wiretape.cli.extra import with_mitmproxy
from wiretape.cli.probe_run import Job, Outcome, recorded, unrecorded
from wiretape.cli.probing import ProbeView
from wiretape.recorder.errors import BadInputError
from wiretape.recorder.log.urls import endpoint
from wiretape.recorder.probe import results
from wiretape.recorder.probe.known import Target
from wiretape.recorder.probe.plan import all_steps, plan

_INTERRUPTED = 130  # 128 + SIGINT, as shells have it

_EXAMPLES = """
[bold]Examples[/bold]

See beforehand what would be sent:
  wiretape probe --plan --active https://mcp.atlassian.com/v1/sse

Look at a service from outside, leaving nothing there:
  wiretape probe https://mcp.atlassian.com/v1/sse

Record its whole life: register, consent in the browser, call, refresh, revoke:
  wiretape probe --active --record --name atlassian --out recordings https://mcp.atlassian.com/v1/sse

Measure how long its tokens live, and write token-lifecycle-results-….json:
  wiretape probe --active --record --lifecycle --max-wait 1h https://mcp.atlassian.com/v1/sse

Bring your own token, from a file, and call a tool that only reads:
  wiretape probe --header @headers.txt --call 'jira_get_issue={"issue_key":"DEMO-1"}' \
http://127.0.0.1:9000/mcp
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("probe", epilog=_EXAMPLES)(probe)


def probe(
    url: Annotated[str, typer.Argument(metavar="URL", help="The service's MCP endpoint.")],
    active: Annotated[
        bool,
        typer.Option("--active", help="Also run what writes, burns codes or spends tokens."),
    ] = False,
    show_plan: Annotated[
        bool, typer.Option("--plan", help="Print the steps and their bounds; send nothing.")
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Only this step and those it needs; repeatable."),
    ] = None,
    skip: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Not this step; repeatable.")
    ] = None,
    call: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=JSON", help="Call this tool with these arguments; repeatable."),
    ] = None,
    header: Annotated[
        list[str] | None,
        typer.Option(
            metavar="'NAME: VALUE'",
            help="Send this header to the service; @FILE has one a line; repeatable.",
        ),
    ] = None,
    client_id: Annotated[
        str | None, typer.Option(metavar="ID", help="A client that is registered already.")
    ] = None,
    client_secret: Annotated[
        str | None,
        typer.Option(
            metavar="SECRET",
            envvar="WIRETAPE_CLIENT_SECRET",
            show_envvar=True,
            help="Its secret, better given in the environment.",
        ),
    ] = None,
    scope: Annotated[
        str | None,
        typer.Option(metavar="SCOPE", help="The scope to ask for; '' for none."),
    ] = None,
    headless: Annotated[
        bool,
        typer.Option("--headless", help="No browser: authorize redirects at once."),
    ] = False,
    callback_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where the browser comes back to; 0: any.")
    ] = 0,
    lifecycle: Annotated[
        bool, typer.Option("--lifecycle", help="Wait until the access token expires.")
    ] = False,
    max_wait: Annotated[
        str, typer.Option(metavar="TIME", help="The longest lifetime to wait out, such as 90s.")
    ] = "75m",
    rate: Annotated[
        float, typer.Option(min=0.01, max=100, help="Requests per second, at most.")
    ] = 5,
    record: Annotated[
        bool, typer.Option("--record", help="Record everything, with a mark at every point.")
    ] = False,
    name: Annotated[str, typer.Option(help="What to call the recording.")] = "probe",
    out: Annotated[Path, typer.Option(help="Folder for the recording and the results.")] = Path(),
    max_body: options.MaxBody = "1M",
    redact: options.RulesFile = None,
    pseudonym_key: options.KeyFile = None,
    provenance: options.Provenance = None,
    upstream_ca: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Trust these authorities (PEM) as well.")
    ] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Do not verify upstream certificates.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only errors.")] = False,
) -> None:
    """Walk a service through its life, from its first refusal to the revocation of its tokens.

    Without [bold]--active[/bold] no client is registered, no token spent, no tool called that
    writes. A step that lacks what it needs is left out and says so. docs/probe.md lists them all.
    """
    view = ProbeView(quiet=quiet)
    target = Target(
        url=probe_options.url(url),
        headers=probe_options.headers(header or ()),
        client_id=client_id,
        client_secret=client_secret,
        scope=scope,
        calls=probe_options.calls(call or ()),
        active=active,
        headless=headless,
        max_wait=seconds(max_wait, "--max-wait"),
    )
    given = ("--lifecycle",) if lifecycle else ()
    steps = plan(all_steps(), only=only or (), skip=skip or (), active=active, options=given)
    if show_plan:
        view.plan(steps, rate)
        return
    view.cost(steps, rate)
    job = Job(target=target, plan=steps, per_second=rate, callback_port=callback_port, view=view)
    if record:
        settings = with_mitmproxy("wiretape.recorder.capture.session").Settings(
            name=name,
            out=out,
            max_body=options.max_body(max_body),
            insecure=insecure,
            upstream_ca=upstream_ca,
            provenance=provenance,
        )
        redactor = options.redactor(pseudonym_key, redact)
        outcome = asyncio.run(recorded(job, settings, redactor))
    else:
        outcome = asyncio.run(unrecorded(job, _trusted(upstream_ca, insecure=insecure)))
    _finish(job, outcome, out)


def _finish(job: Job, outcome: Outcome, out: Path) -> None:
    """Write the results, if tokens were measured, and say where everything is."""
    if any(item.step.id == "lifecycle" and not item.left_out for item in job.plan):
        service = endpoint(job.target.url)
        path = results.write(out, service, outcome.recording, outcome.lifecycle)
        job.view.say(f"results    {path}")
    if outcome.recording is not None:
        job.view.say(f"recording  {outcome.recording}")
    if outcome.fault is not None:
        raise outcome.fault
    if outcome.interrupted:
        raise typer.Exit(_INTERRUPTED)


def _trusted(authority: Path | None, *, insecure: bool) -> ssl.SSLContext:
    """Say whom to trust: the usual authorities and one more, or anybody."""
    trusted = httpx.create_ssl_context(verify=not insecure)
    if authority is not None:
        try:
            trusted.load_verify_locations(authority)
        except OSError as error:  # ssl.SSLError is one
            raise BadInputError(f"{authority}: not a readable CA file: {error}") from None
    return trusted
