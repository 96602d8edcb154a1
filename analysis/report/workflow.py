"""GitHub's workflow commands, which annotate lines of files.

As in GitHub's documentation, "Workflow commands for GitHub Actions": `%` and line breaks are
escaped everywhere, `:` and `,` in properties also.
"""

from typing import Literal

from wiretape.recorder.log.printable import printable

type Level = Literal["error", "warning", "notice"]


def command(level: Level, message: str, **properties: str) -> str:
    """Write a command in one line; without a `file` it annotates the run as a whole."""
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{level} {told}::{_data(message)}"


def _data(text: str) -> str:
    return printable(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
