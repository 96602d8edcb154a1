"""Bytes to send: responses, chunks, events."""


def response(
    body: bytes = b"", *headers: bytes, status: bytes = b"200 OK", length: bool = True
) -> bytes:
    """Spell out a response, by default with its length."""
    framing = [b"Content-Length: %d" % len(body)] if length else []
    return b"\r\n".join((b"HTTP/1.1 " + status, *headers, *framing, b"", body))


def stream_head(*headers: bytes, kind: bytes = b"text/event-stream") -> bytes:
    """Spell out the head of a response in chunks."""
    framing = (b"Content-Type: " + kind, b"Transfer-Encoding: chunked")
    return response(b"", *framing, *headers, length=False)


def chunk(data: bytes) -> bytes:
    """Spell out one chunk; an empty one is the last."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def chunked(*parts: bytes) -> bytes:
    """Spell out chunks and the last, empty one."""
    return b"".join(map(chunk, (*parts, b"")))


def event(data: bytes) -> bytes:
    """Spell out a server-sent event."""
    return b"data: %b\n\n" % data
