"""Secrets to plant in traffic, ways of planting them, and what must not be left of them.

A test draws `secrets()`, plants each where a rule shows it to be one (`SHOWN`), then anywhere
(`HIDDEN`), and asserts that none of `traces()` is in what was recorded.
"""

import html
import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import shake_256
from os import environ
from urllib.parse import quote, quote_plus, urlencode

from hypothesis import strategies as st

EXAMPLES = int(environ.get("WIRETAPE_FUZZ_EXAMPLES", "500"))
"""How many examples a test marked `fuzz` tries."""

VSCHAR = "".join(map(chr, range(0x20, 0x7F)))
"""What an access token may be made of (RFC 6749, appendix A)."""

_HEX = "0123456789abcdef"
_ALNUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_SEGMENT = re.compile(r"[\w-]+")
_LONG = 8


@dataclass(frozen=True)
class Secret:
    """A secret, and the secrets that it holds."""

    text: str
    inner: tuple["Secret", ...] = ()
    kept: tuple[str, ...] = ()

    def segments(self) -> list[str]:
        return [part for part in _SEGMENT.findall(self.text) if part not in self.kept]


def random_text(seed: int, length: int, alphabet: str) -> str:
    """Give a text that looks random, and shrinks to another that does."""
    stream = shake_256(seed.to_bytes(8)).digest(length)
    return "".join(alphabet[byte % len(alphabet)] for byte in stream)


def _part(length: int, alphabet: str) -> st.SearchStrategy[str]:
    return st.integers(0, 2**63).map(lambda seed: random_text(seed, length, alphabet))


def _is_telling(text: str) -> bool:
    """Say whether a text is none that turns up by chance, and no mere words and numbers."""
    letters = set(re.sub(r"[\W_]", "", text))
    return len(letters) >= 6 and re.search(r"[a-z][0-9]|[0-9][a-z]", text, re.I) is not None


def vschar_tokens() -> st.SearchStrategy[Secret]:
    """Tokens of anything that OAuth allows, their ends visible."""
    return (
        st.text(VSCHAR, min_size=_LONG, max_size=60)
        .map(str.strip)
        .filter(lambda text: len(text) >= _LONG and _is_telling(text))
        .map(Secret)
    )


def colon_tokens() -> st.SearchStrategy[Secret]:
    """Tokens such as `userId:grantId:secret`."""
    parts = _part(24, _HEX), _part(16, _ALNUM), _part(32, _ALNUM)
    return st.tuples(*parts).map(":".join).map(Secret)


def uuids() -> st.SearchStrategy[Secret]:
    return st.uuids(version=4).map(str).map(Secret)


def session_ids() -> st.SearchStrategy[Secret]:
    """Sixty-four hexadecimal digits."""
    return _part(64, _HEX).map(Secret)


def passwords() -> st.SearchStrategy[Secret]:
    """Short, of any character that can be typed."""
    letters = VSCHAR[1:] + "äöüßéñøžД中🙂"
    return (
        st.text(letters, min_size=_LONG, max_size=20)
        .filter(lambda text: _is_telling(text) and ":" not in text)
        .map(Secret)
    )


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _jwt(sub: str, inner: Secret, signature: str) -> Secret:
    header = _base64url(b'{"alg":"RS256","typ":"JWT","kid":"key-1"}')
    claims = {
        "iss": "https://issuer.example",
        "aud": "https://mcp.example",
        "sub": sub,
        "exp": 1767225600,
        "iat": 1767222000,
        "scope": "read:jira-work",
        "upstream_access_token": inner.text,
    }
    payload = _base64url(json.dumps(claims, separators=(",", ":")).encode())
    return Secret(f"{header}.{payload}.{signature}", (inner, Secret(sub)), kept=(header,))


def jwts() -> st.SearchStrategy[Secret]:
    """JWTs that carry another token."""
    return st.builds(
        _jwt, _part(24, _HEX), colon_tokens() | vschar_tokens(), _part(43, _ALNUM + "-_")
    )


def secrets() -> st.SearchStrategy[Secret]:
    """Any secret that can stand in a header."""
    return vschar_tokens() | colon_tokens() | uuids() | session_ids() | jwts()


def traces(secret: Secret) -> Iterator[str]:
    """Give what must not be found: a secret, its long segments, their encoded forms."""
    for text in {secret.text, *(part for part in secret.segments() if len(part) >= _LONG)}:
        yield text
        for encode in _ENCODERS:
            yield encode(text)
        yield from base64_cores(text.encode())
    for inner in secret.inner:
        yield from traces(inner)


def base64_cores(data: bytes) -> Iterator[str]:
    """Give the characters of Base64 that some bytes determine, at each alignment."""
    for skip in range(3):
        coded = b64encode(bytes(skip) + data + bytes(-(skip + len(data)) % 3)).decode()
        core = coded[-(-8 * skip // 6) : 8 * (skip + len(data)) // 6]
        yield core
        yield core.replace("+", "-").replace("/", "_")


def _json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _lower_quote(text: str) -> str:
    return re.sub(r"%..", lambda match: match[0].lower(), quote(text, safe=""))


_ENCODERS: tuple[Callable[[str], str], ...] = (
    _json,
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    lambda text: quote(text, safe=""),
    quote,
    quote_plus,
    _lower_quote,
    html.escape,
)

type Headers = list[tuple[bytes, bytes]]

PLAIN_FIELDS = {
    "jsonrpc": "2.0",
    "id": "req-0123456789abcdef",
    "token_type": "bearer",
    "token_endpoint": "https://auth.example/oauth/token",
    "expires_in": 3300,
    "scope": "read:jira-work offline_access",
    "_meta": {"progressToken": "pt-8f3a9c5d7e1b2a4c6d8e"},
    "nextCursor": "eyJvZmZzZXQiOjEwMDAsInNvcnQiOiJjcmVhdGVkIn0",
    "code": -32600,
    "state": "open",
}
"""Fields that redaction must leave alone."""


def basic(user: str, password: str) -> str:
    return b64encode(f"{user}:{password}".encode()).decode()


SHOWN_IN_HEADERS: dict[str, Callable[[str], Headers]] = {
    "bearer": lambda text: [(b"Authorization", b"Bearer " + text.encode())],
    "basic": lambda text: [(b"authorization", b"Basic " + basic("client", text).encode())],
    "session": lambda text: [(b"Mcp-Session-Id", text.encode())],
    "key": lambda text: [(b"X-Api-Key", text.encode())],
    "cookie": lambda text: [(b"Cookie", f"theme=dark; sid={quote(text, safe='')}".encode())],
    "set-cookie": lambda text: [
        (b"Set-Cookie", f'sid="{quote(text, safe=":/")}"; Path=/; HttpOnly'.encode())
    ],
    "location": lambda text: [
        (b"Location", f"https://app.example/cb?{urlencode({'code': text, 'x': 'y'})}".encode())
    ],
    "fragment": lambda text: [
        (b"Location", f"https://app.example/#access_token={quote(text, safe='')}&x=y".encode())
    ],
}
"""Headers that show a text to be secret."""

SHOWN_IN_TEXT: dict[str, Callable[[str], str]] = {
    "json": lambda text: json.dumps({"access_token": text, **PLAIN_FIELDS}),
    "json, compact": lambda text: json.dumps(
        {**PLAIN_FIELDS, "refreshToken": text}, separators=(",", ":"), ensure_ascii=False
    ),
    "json, in a list": lambda text: json.dumps({"tokens": 2, "secret": ["none", text]}),
    "json, cut off": lambda text: json.dumps({"a": [1], "client_secret": text})[:-2],
    "json, indented": lambda text: json.dumps({"a": {"password": text}}, indent=2),
    "json in json": lambda text: json.dumps({"text": json.dumps({"id_token": text})}),
    "json in json in json": lambda text: json.dumps(
        {"a": json.dumps({"text": json.dumps({"code_verifier": text, "b": "c"}, indent=1)})}
    ),
    "json in a query": lambda text: (
        "https://app.example/?data=" + quote(json.dumps({"token": quote(text)}), safe="")
    ),
    "html-safe json in json": lambda text: json.dumps(
        {"text": json.dumps({"sessionToken": text})}
    ).replace('\\"', "\\u0022"),
    "python": lambda text: repr({"x": 1, "api_key": quote(text)}),
    "form": lambda text: urlencode(
        {"grant_type": "refresh_token", "refresh_token": text, "scope": "a b"}
    ),
    "query": lambda text: f"https://app.example/mcp?a=b&sessionId={quote(text, safe='')}&c=d",
    "endpoint event": lambda text: f"/v1/sse/message?sessionId={quote(text, safe='')}",
    "query in a query": lambda text: (
        "https://app.example/?next="
        + quote(f"https://b.example/cb?code={quote(text, safe='')}&state=1", safe="")
    ),
    "query in json": lambda text: json.dumps(
        {"url": f"https://app.example/cb?ticket={quote_plus(text)}&z=1", **PLAIN_FIELDS}
    ),
    "xml": lambda text: f"<r><password>{html.escape(text)}</password></r>",
    "html form": lambda text: (
        f'<input type="hidden" name="csrf_token" value="{html.escape(text)}"/>'
    ),
    "multipart": lambda text: (
        f'--b\r\nContent-Disposition: form-data; name="code"\r\n\r\n{text}\r\n--b--\r\n'
    ),
}
"""Texts that show a text in them to be secret."""

SHOWN_PASSWORD = [name for name in SHOWN_IN_TEXT if name != "multipart"]
"""Those that can show a password of any characters."""

HIDDEN: dict[str, Callable[[str], str]] = {
    "prose": lambda text: f"We got {text} from there.",
    "json": lambda text: json.dumps({"note": text, **PLAIN_FIELDS}),
    "json, unescaped": lambda text: json.dumps({"note": [text]}, ensure_ascii=False),
    "json in json": lambda text: json.dumps({"note": json.dumps({"n": f"<{text}>"})}),
    "json in json in json": lambda text: json.dumps({"a": json.dumps({"b": json.dumps([text])})}),
    "query": lambda text: f"https://app.example/find?q={quote(text, safe='')}&r=1",
    "component": lambda text: "https://app.example/find?q=" + quote(text, safe="!'()*"),
    "form": lambda text: urlencode({"q": text, "r": "1"}),
    "lower-case escapes": lambda text: f"q={_lower_quote(text)}",
    "url in a url": lambda text: "/x?u=" + quote(f"/y?q={quote(text, safe='')}", safe=""),
    "url in json": lambda text: json.dumps({"self": f"/x/{quote(text, safe='')}/y"}),
    "html": lambda text: f"<b>{html.escape(text)}</b>",
    "header in prose": lambda text: f"error: header was x-debug: {text}",
}
"""Texts in which nothing shows that a text is secret."""

HIDDEN_IN_BASE64: dict[str, Callable[[str], str]] = {
    f"{name}, {skip} before": lambda text, skip=skip, encode=encode: json.dumps(
        {"data": encode(b"-" * skip + text.encode() + b"--").decode()}
    )
    for skip in range(3)
    for name, encode in (("standard", b64encode), ("url-safe", urlsafe_b64encode))
}
"""Texts that hold a text in Base64."""
