"""Secrets known by their shape, wherever they stand.

Each looker is called where its anchor, in any case, was found.
"""

import re
import string
from base64 import b64decode
from collections.abc import Iterator

from wiretape.recorder.redaction.place import (
    Look,
    Looker,
    Place,
    begins_parameter,
    quoted_place,
    run_before,
)
from wiretape.recorder.redaction.quoting import PLAIN, Quoting

_SPACE = r"(?:\s|%(?:25)*20|\+|\\+[nrt])++"
_JWT = re.compile(r"eyJ[\w-]*+\.([\w-]*+)(?:\.([\w-]*+)(?:\.[\w-]++\.[\w-]++)?)?", re.ASCII)
_RUN = re.compile(r"[\w-]*+", re.ASCII)
_BEARER = re.compile(rf"{_SPACE}([A-Za-z0-9._~+/:=%-]{{8,}}+)")
_BASIC = re.compile(rf"{_SPACE}([A-Za-z0-9+/_-]{{4,}}+(?:=|%3[Dd]){{0,2}}+)")
_USERINFO = re.compile(r"""([^\s/?#"'<>\\@:]{0,256}+:[^\s/?#"'<>\\@]{1,256}+)@""")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----")
_KEY_TEXT = re.compile(r"[A-Za-z0-9+/=\s\\]*+")
_SLASHES = re.compile(r"\\+")
_LONGEST_KEY = 16_384
_PREFIXED = re.compile(r"[\w-]++(?:[.=][\w-]++)*+", re.ASCII)
_PREFIXES = (
    *("ATATT3", "ATCTT3", "ATBB", "ATOA"),
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-"),
    *("xoxa-", "xoxb-", "xoxe-", "xoxp-", "xoxs-", "xapp-"),
    *("sk-", "sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_", "shpat_"),
    *("AKIA", "ASIA", "AIza", "ya29.", "SG.", "dop_v1_"),
    *("npm_", "pypi-", "hf_", "lin_api_"),
)
_SHORTEST_PREFIXED = 20
_WORD_START = re.compile(r"(?:\A|[^A-Za-z0-9]|\\[nrt]|%[0-9A-Fa-f]{2})\Z")
_COLONS = re.compile(r":([\w-]{8,}+):([\w-]{24,}+)", re.ASCII)
_SHORTEST_FIRST = 16
_LONGEST_FIRST = 256
SEGMENT_LETTERS = string.ascii_letters + string.digits + "_-"
_QUOTE = r"""(?:\\*["']|\\+u0022|&quot;|&#34;|%(?:25)*22)?"""
_NO_SECRET = re.compile(
    rf"(?:cursor|(?:page|progress|continuation|sync|next)[_-]?token)"
    rf"{_QUOTE}\s*(?:[:=]|%(?:25)*3[AD])\s*{_QUOTE}\Z",
    re.IGNORECASE,
)
_LONGEST_NO_SECRET = 64
_API_KEY = re.compile(r"""([\w-]{20,256}+)(?=\Z|[&#\s"'<>\\]|%(?:25)*+2[236])""", re.ASCII)
_OPAQUE = re.compile(r"[\w.~+/=:-]{20,}", re.ASCII)
_SHORTEST_OPAQUE = 16
_ORDINARY = re.compile(r"[A-Z]?[a-z]{0,14}|[A-Z]{1,14}|[0-9]{1,13}")
_LONGEST_ORDINARY = 64
_DIGIT = re.compile(r"[0-9]")
_LETTER = re.compile(r"[A-Za-z]")
_SPACES = re.compile(r"\s")


def looks_random(text: str, shortest: int = 16) -> bool:
    """Say whether a text looks like a token: `shortest` characters, letters and digits, no space.

    A URL does not, nor does a text that ends in a parameter's `=`.
    """
    return (
        len(text) >= shortest
        and "://" not in text
        and _DIGIT.search(text) is not None
        and _LETTER.search(text) is not None
        and _SPACES.search(text) is None
    )


def is_ordinary(segment: str) -> bool:
    """Say whether a segment consists of words and numbers, as ordinary data do."""
    return len(segment) <= _LONGEST_ORDINARY and all(
        _ORDINARY.fullmatch(part) for part in segment.replace("_", "-").split("-")
    )


def is_opaque(text: str) -> bool:
    """Say whether a text looks like a token and like nothing else: no time, path, or pattern."""
    return _OPAQUE.fullmatch(text) is not None and any(
        looks_random(run, _SHORTEST_OPAQUE) and not is_ordinary(run) for run in _RUN.findall(text)
    )


def basic_credentials(encoded: str) -> str | None:
    """Decode the credentials of the Basic scheme (RFC 7617); None if they are no such thing."""
    standard = encoded.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        plain = b64decode(standard + "=" * (-len(standard) % 4), validate=True).decode()
    except ValueError:
        return None
    return plain if ":" in plain and plain.isprintable() else None


def colon_tokens(text: str) -> Iterator[Place]:
    """Find opaque tokens of three segments, such as `userId:grantId:secret`."""
    for match in _COLONS.finditer(text):
        start = run_before(text, match.start(), SEGMENT_LETTERS, _LONGEST_FIRST)
        first = text[start : match.start()]
        if len(first) >= _SHORTEST_FIRST and all(
            looks_random(segment, 8) for segment in (first, match[1], match[2])
        ):
            yield Place(start, match.end(), text[start : match.end()], "colon token", "token")


def _jwt(text: str, start: int, end: int) -> Look:
    if not text.startswith("eyJ", start):
        return Look((), end)
    match = _JWT.match(text, start)
    if match is None:
        run = _RUN.match(text, start)
        return Look((), run.end() if run else end)
    payload, signature = match.groups()
    # Of two parts only, it is a cut JWT when its payload is JSON too, else an encoded cursor.
    is_cursor = not payload.startswith("ey") if signature is None else not payload + signature
    if is_cursor or _is_no_secret(text, start):
        return Look((), match.end())
    return Look((Place(start, match.end(), match[0], "jwt", "jwt"),), match.end())


def _bearer(text: str, start: int, end: int) -> Look:
    match = _BEARER.match(text, end)
    if match is None or not (looks_random(match[1], 12) or _is_mixed(match[1])):
        return Look((), end)
    return Look((Place(*match.span(1), match[1], "bearer"),), match.end())


def _is_mixed(text: str) -> bool:
    return len(text) >= 24 and text.lower() != text


def _basic(text: str, start: int, end: int) -> Look:
    match = _BASIC.match(text, end)
    encoded = match[1].replace("%3D", "=").replace("%3d", "=") if match else ""
    if match is None or basic_credentials(encoded) is None:
        return Look((), end)
    return Look((Place(*match.span(1), encoded, "basic", "basic"),), match.end())


def _userinfo(text: str, start: int, end: int) -> Look:
    match = _USERINFO.match(text, end)
    if match is None:
        return Look((), end)
    return Look((Place(*match.span(1), match[1], "userinfo", "userinfo"),), match.end())


def _private_key(text: str, start: int, end: int) -> Look:
    header = _PRIVATE_KEY.match(text, start)
    if header is None:
        return Look((), end)
    close = text.find("-----", header.end(), header.end() + _LONGEST_KEY)
    if close < 0:
        rest = _KEY_TEXT.match(text, header.end())
        close = rest.end() if rest else header.end()
    slashes = _SLASHES.search(text, header.end(), close)
    quoting = Quoting("json", len(slashes[0]).bit_length()) if slashes else PLAIN
    place = quoted_place(text, header.end(), close, "private key", "token", quoting=quoting)
    return Look((place,), close)


def _prefixed(text: str, start: int, end: int) -> Look:
    if not text.startswith(_PREFIXES, start) or not _WORD_START.search(
        text, max(0, start - 3), start
    ):
        return Look((), end)
    match = _PREFIXED.match(text, start)
    if match is None:
        return Look((), end)
    if not looks_random(match[0], _SHORTEST_PREFIXED) or _is_no_secret(text, start):
        return Look((), match.end())
    return Look((Place(*match.span(), match[0], "token prefix", "token"),), match.end())


def _api_key(text: str, start: int, end: int) -> Look:
    """Look at a parameter `key`, which is most often that of a record and no key to an API."""
    match = _API_KEY.match(text, end)
    if match is None or not is_opaque(match[1]) or not begins_parameter(text, start):
        return Look((), end)
    return Look((Place(*match.span(1), match[1], "key", "token"),), match.end())


def _is_no_secret(text: str, start: int) -> bool:
    """Say whether the value that begins here has a name that tells of no secret."""
    return _NO_SECRET.search(text, max(0, start - _LONGEST_NO_SECRET), start) is not None


LOOKERS: dict[str, Looker] = {
    "eyj": _jwt,
    "bearer": _bearer,
    "basic": _basic,
    "://": _userinfo,
    "-----begin": _private_key,
    **dict.fromkeys(("key=", "key%3d", "key%253d"), _api_key),
    **{prefix.lower(): _prefixed for prefix in _PREFIXES},
}
"""The lookers by their anchors, in lower case."""
