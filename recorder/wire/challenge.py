r"""Reads and writes challenges, the values of `WWW-Authenticate` (RFC 9110, 11.3 and 11.6.1).

    WWW-Authenticate = #challenge
    challenge        = auth-scheme [ 1*SP ( token68 / #auth-param ) ]
    auth-param       = token BWS "=" BWS ( token / quoted-string )

Commas separate challenges and the parameters of one challenge alike: what has a "=" after its name
is a parameter, all else begins a challenge. Servers are careless where their clients are lenient,
and so is this where no doubt remains: a parameter may follow another without a comma, and a value
without quotation marks may have characters that belong in some, as a URL's do.
"""

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

_NAME = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]++"
_GAP = re.compile(r"[ \t,]*+")
_SCHEME = re.compile(rf"({_NAME})(?=[ \t,]|\Z)")
_TOKEN68 = re.compile(r"[ \t]++([0-9A-Za-z\-._~+/]++=*+)(?=[ \t]*+(?:,|\Z))")
_PARAM = re.compile(
    rf'({_NAME})[ \t]*+=[ \t]*+(?:"((?:[^"\\]|\\.)*+)"|([^ \t,"]++))(?=[ \t,]|\Z)', re.DOTALL
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class ChallengeError(ValueError):
    """The text is not a list of challenges; says where it stops being one."""


class Challenge(Struct, frozen=True):
    """A way to authenticate that a server offers.

    `scheme` is as it was spelt; its case does not matter. Names of `params` are in lower case,
    values are without quotation marks and escapes. A name ought to come once.
    """

    scheme: str
    token68: str | None = None
    params: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str | None:
        """Give the first parameter of that lower-case name."""
        return next((value for key, value in self.params if key == name), None)


def parse(values: Iterable[str]) -> tuple[Challenge, ...]:
    """Read the values of all `WWW-Authenticate` headers of a response (RFC 9110, 5.3).

    Raises ChallengeError for what even a lenient client cannot read.
    """
    return tuple(_challenges(", ".join(values)))


def serialised(challenges: Iterable[Challenge]) -> str:
    """Write challenges as the value of one header."""
    return ", ".join(map(_serialised, challenges))


def _serialised(challenge: Challenge) -> str:
    given = [f'{name}="{_escape(value)}"' for name, value in challenge.params]
    return f"{challenge.scheme} {challenge.token68 or ', '.join(given)}".rstrip(" ")


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _challenges(text: str) -> Iterator[Challenge]:
    scheme, token68 = None, None
    params: list[tuple[str, str]] = []
    at, separated = 0, True
    while True:
        gap = _GAP.match(text, at)
        if gap is not None:
            at, separated = gap.end(), separated or "," in gap[0]
        param = _PARAM.match(text, at)
        if param is not None and scheme is not None and token68 is None:
            name, quoted, bare = param.groups()
            params.append((name.lower(), bare if quoted is None else _ESCAPED.sub(r"\1", quoted)))
            at, separated = param.end(), False
            continue
        if scheme is not None:
            yield Challenge(scheme, token68, tuple(params))
        if at == len(text):
            return
        begun = _SCHEME.match(text, at)
        if begun is None or not separated:
            raise ChallengeError(f"no challenge and no parameter at character {at + 1}")
        blob = _TOKEN68.match(text, begun.end())
        scheme, token68, params = begun[1], blob[1] if blob else None, []
        at, separated = (blob or begun).end(), blob is None
