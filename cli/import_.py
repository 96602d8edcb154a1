"""`wiretape import`: make a recording of what another tool captured."""

from collections import Counter
from io import BufferedReader
from pathlib import Path
from typing import Annotated

import typer

from wiretape.cli import options
from wiretape.cli.extra import with_mitmproxy
from wiretape.recorder.errors import BadInputError, EnvironmentFaultError
from wiretape.recorder.importing.har import HarFile
from wiretape.recorder.importing.run import Settings, Source, run
from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.printable import printable
from wiretape.recorder.log.records import AnyRecord, Event, Gap, Request

_EXAMPLES = """
[bold]Examples[/bold]

From a browser's network panel, saved as HAR with its content and sensitive data:
  wiretape import session.har --name browser

From mitmproxy's own format:
  wiretape import session.flows --out recordings
"""

_BOM = b"\xef\xbb\xbf"
_PEEK = 64  # bytes


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import", epilog=_EXAMPLES)(import_)


def import_(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", readable=False, help="A HAR file or a flow file of mitmproxy."
        ),
    ],
    name: Annotated[str, typer.Option(help="What to call the recording.")] = "import",
    out: Annotated[Path, typer.Option(help="Folder for the recording.")] = Path(),
    max_body: options.MaxBody = "1M",
    redact: options.RulesFile = None,
    pseudonym_key: options.KeyFile = None,
    provenance: options.Provenance = None,
) -> None:
    """Make a recording of a HAR file or of mitmproxy's flows, without the secrets.

    What the file does not hold, the recording tells in its gaps.
    """
    settings = Settings(
        name=name, out=out, max_body=options.max_body(max_body), provenance=provenance
    )
    redactor = options.redactor(pseudonym_key, redact)
    tally = _Tally()
    with _open(file) as stream:
        source = _source(stream, file)
        outcome = run(source, settings, redactor, watch=tally.see, warn=_warn)
    for reason, times in tally.gaps.items():
        _warn(f"{reason} ({times} times)" if times > 1 else reason)
    made = f"{counted(tally.exchanges, 'exchange')}, {counted(tally.events, 'event')}"
    typer.echo(f"{made} → {outcome.path}")
    if outcome.failed:
        raise EnvironmentFaultError(outcome.failed)
    if source.damage:
        raise BadInputError(f"{file}: {source.damage}; what stands before is in {outcome.path}")


def _open(path: Path) -> BufferedReader:
    try:
        return path.open("rb")
    except OSError as error:
        raise BadInputError(f"{path}: {error.strerror}") from None


def _source(stream: BufferedReader, path: Path) -> Source:
    """Take a file for what it begins like."""
    if stream.peek(_PEEK).removeprefix(_BOM).lstrip().startswith(b"{"):
        return HarFile(path)
    flows = with_mitmproxy("wiretape.recorder.importing.flows")
    source: Source = flows.FlowFile(stream, str(path))
    return source


class _Tally:
    """What has come into the recording."""

    def __init__(self) -> None:
        self.exchanges = self.events = 0
        self.gaps: Counter[str] = Counter()

    def see(self, record: AnyRecord) -> None:
        match record:
            case Request():
                self.exchanges += 1
            case Event():
                self.events += 1
            case Gap(reason=reason, lost=lost):
                self.gaps[reason] += lost


def _warn(line: str) -> None:
    typer.echo(f"warning: {printable(line)}", err=True)
