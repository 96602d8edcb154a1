"""What the options of `wiretape probe` mean."""

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from wiretape.recorder.errors import BadInputError, UsageError
from wiretape.recorder.log.printable import printable
from wiretape.recorder.log.records import Header
from wiretape.recorder.probe.known import Invocation
from wiretape.recorder.probe.metadata import is_web
from wiretape.recorder.probe.steps.calls import MOST_CALLS

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token, RFC 9110, 5.6.2
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")  # RFC 9110, 5.5


def url(text: str) -> str:
    """Check the URL of a service."""
    said = printable(text)
    if "://" not in text:
        raise UsageError(f"{said}: say http:// or https:// too, such as https://mcp.example/mcp")
    if "#" in text:
        raise UsageError(f"{said}: a service's URL has no fragment: leave out what follows '#'")
    try:
        named = urlsplit(text).username is not None
    except ValueError:
        named = False
    if named:
        raise UsageError("the URL has a user name: send credentials with --header instead")
    if not is_web(text) or not text.isascii():
        raise UsageError(f"{said}: not the URL of a service, such as https://mcp.example/mcp")
    return text


def headers(texts: Iterable[str]) -> tuple[Header, ...]:
    """Read headers, and the files of headers that are named with an @."""
    return tuple(
        pair
        for text in texts
        for pair in (_headers_of(Path(text[1:])) if text.startswith("@") else [_header(text)])
    )


def calls(texts: Iterable[str]) -> tuple[Invocation, ...]:
    """Read calls of tools."""
    found = tuple(map(_call, texts))
    if len(found) > MOST_CALLS:
        raise UsageError(f"--call is given {len(found)} times: at most {MOST_CALLS} calls are made")
    return found


def _headers_of(file: Path) -> list[Header]:
    try:
        lines = file.read_text(encoding="latin-1").splitlines()
    except OSError as error:
        raise BadInputError(f"{file}: {error.strerror}") from None
    return [_header(line, f"{file}:{number}") for number, line in enumerate(lines, 1) if line]


def _header(text: str, where: str = "--header") -> Header:
    """Read a header; an error does not repeat it, because it may be a secret."""
    name, colon, value = text.partition(":")
    value = value.strip()
    if not colon or not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
        raise UsageError(f"{where}: not a header: say 'NAME: VALUE'")
    return name, value


def _call(text: str) -> Invocation:
    name, equals, arguments = text.partition("=")
    try:
        msgspec.json.decode(arguments, type=dict)
    except (ValueError, RecursionError):
        equals = ""
    if not equals or not name:
        raise UsageError(f'--call {printable(text)}: say NAME=JSON, such as \'search={{"q":"x"}}\'')
    return Invocation(name, arguments)
