"""Options that several commands have, and what their values mean."""

import re
from pathlib import Path
from typing import Annotated

import typer

from wiretape.recorder.errors import UsageError
from wiretape.recorder.redaction.pseudonym import load_key
from wiretape.recorder.redaction.redactor import Redactor
from wiretape.recorder.redaction.rules import DEFAULT
from wiretape.recorder.redaction.rules_file import load_rules

MaxBody = Annotated[
    str, typer.Option(metavar="SIZE", help="Keep at most this much of a body, such as 64k.")
]
RulesFile = Annotated[
    Path | None, typer.Option(metavar="RULES.toml", help="More rules of what is secret.")
]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Key for pseudonyms that are the same in several recordings; keep it secret.",
    ),
]
Provenance = Annotated[
    str | None, typer.Option(metavar="TEXT", help="A note on where this comes from.")
]

_SIZE = re.compile(r"(\d+)\s*([kKmMgG]?)(?:i?[bB])?")
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def redactor(key: Path | None, rules: Path | None) -> Redactor:
    """Make the redactor that `--pseudonym-key` and `--redact` ask for."""
    return Redactor(load_key(key) if key else None, load_rules(rules) if rules else DEFAULT)


def address(listen: str) -> tuple[str, int]:
    """Read the value of `--listen`. Raises UsageError."""
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise UsageError(f"--listen {listen}: say HOST:PORT, such as 127.0.0.1:8484")
    return host, int(port)


def max_body(text: str) -> int:
    """Read the value of `--max-body`; gives bytes."""
    found = _SIZE.fullmatch(text.strip())
    if not found:
        raise UsageError(f"--max-body {text}: say a size, such as 65536, 64k or 1M")
    return int(found[1]) * _UNITS[found[2].lower()]
