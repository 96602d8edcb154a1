"""Keeps recorded text text, in Markdown (GitHub's) and in Mermaid diagrams."""

import re

from wiretape.analysis.report.phrases import pieces
from wiretape.recorder.log.printable import printable

_MARK = re.compile(
    r"(?P<mark>[\\`*_\[\]|~$])"  # emphasis, code, links, cells, strikethrough, formulas
    r"|(?P<entity>[&<>@]"  # HTML, mentions
    r"|(?<=http)s?:(?=//)|(?<=ftp):(?=//)|(?<=www)\.|(?<=mailto):|(?<=xmpp):)"  # what links itself
    r"|^(?P<list>[-+](?=[ -]|$)|[=#]|\d+[.)](?= |$))",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"[^A-Za-z0-9 /.:,_?&=()→…-]")
_WORDS = re.compile(r"\b(end|box|loop|alt|else|opt|par|and|rect|note|critical|break)\b", re.I)


def prose(text: str) -> str:
    """Escape text between Markdown's marks; addresses do not become links, names no mentions."""
    return _MARK.sub(_inert, printable(text))


def _inert(found: re.Match[str]) -> str:
    match found.lastgroup:
        case "mark":
            return f"\\{found[0]}"
        case "entity":
            return f"{found[0][:-1]}&#{ord(found[0][-1])};"
        case _:
            return f"{found[0][:-1]}\\{found[0][-1]}"


def code(text: str) -> str:
    """Quote text as code in a line or a table's cell, whatever is in it; nothing is nothing."""
    clean = printable(text)
    if not clean.strip():
        return ""
    fence = "`" * (_longest_run(clean) + 1)
    space = " " if "`" in clean[0] + clean[-1] else ""
    return f"{fence}{space}{clean.replace('|', '\\|')}{space}{fence}"


def sentence(text: str) -> str:
    """Set as code what stands between backticks, and escape the rest."""
    return "".join(code(part) if is_code else prose(part) for part, is_code in pieces(text))


def block(text: str, language: str = "") -> str:
    """Quote lines as a block of code, whatever is in them."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def mermaid(text: str) -> str:
    """Escape text for a message or a name in a sequence diagram: an entity for all but letters."""
    spelt = _PLAIN.sub(lambda found: f"#{ord(found[0])};", printable(text))
    return _WORDS.sub(lambda found: f"#{ord(found[0][0])};{found[0][1:]}", spelt)


def _longest_run(text: str) -> int:
    """Give the length of the longest run of backticks."""
    return max((len(run) for run in re.findall(r"`+", text)), default=0)
