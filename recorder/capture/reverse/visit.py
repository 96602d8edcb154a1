"""A request to an upstream origin, as rewriting looks at it."""

from dataclasses import dataclass

from wiretape.recorder.capture.reverse.origins import Origin

type Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A request; `host` is what the client calls the recorder."""

    origin: Origin
    method: str
    target: str
    headers: Headers
    host: str = ""

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def endpoint(self) -> str:
        """The URL without its query."""
        return f"{self.origin}{self.path}"


def header(headers: Headers, wanted: bytes) -> str:
    """Give the values of a header as one (RFC 9110, section 5.3); `wanted` is in lower case."""
    return ", ".join(v.decode("latin-1") for name, v in headers if name.lower() == wanted)


def media_type(headers: Headers) -> str:
    """Give what Content-Type says, without parameters."""
    return header(headers, b"content-type").partition(";")[0].strip().lower()
