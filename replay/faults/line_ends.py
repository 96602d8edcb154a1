"""Lines of a stream end otherwise than usual (WHATWG HTML, 9.2.5: CRLF, LF or CR)."""

import random
from typing import Literal

from pydantic import Field

from wiretape.replay.fault import MCP, Fault, Options, Strike, at
from wiretape.replay.http.events import events
from wiretape.replay.http.messages import Chunks

_LF, _CR, _CRLF = b"\n", b"\r", b"\r\n"


class _Options(Options):
    ends: Literal["crlf", "cr", "mixed"] = Field("crlf", description="crlf, cr or mixed")


async def _flow(strike: Strike[_Options], chunks: Chunks) -> Chunks:
    async for event in events(chunks):
        yield b"".join(_ended(event.splitlines(), strike.options.ends, strike.dice))


def _ended(lines: list[bytes], ends: str, dice: random.Random) -> list[bytes]:
    """Give the lines with new ends; LF alone after CR would belong to that."""
    found: list[bytes] = []
    for line in lines:
        all_ends = {"crlf": [_CRLF], "cr": [_CR], "mixed": [_LF, _CR, _CRLF]}[ends]
        after_cr = not line and bool(found) and found[-1].endswith(_CR)
        found.append(line + dice.choice([end for end in all_ends if not after_cr or end != _LF]))
    return found


FAULT = Fault(
    about="streams",
    title="lines of a stream end in CRLF, in CR, or now so and now so",
    finds="clients that look for two LF",
    options=_Options,
    concerns=at(*MCP),
    flow=_flow,
)
