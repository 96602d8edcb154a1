"""No secret reaches the file: planted in whole exchanges, in any chunks, in any content coding."""

import gzip
import zlib
from collections.abc import Callable

import brotli
import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from planted import (
    EXAMPLES,
    HIDDEN,
    HIDDEN_IN_BASE64,
    SHOWN_IN_HEADERS,
    SHOWN_IN_TEXT,
    Secret,
    secrets,
    traces,
)
from stage import Stage

pytestmark = pytest.mark.fuzz

CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}
LINE_ENDS = ("\n", "\r\n", "\r")

type Body = tuple[bytes, list[tuple[bytes, bytes]]]

shown = st.sampled_from(sorted(SHOWN_IN_TEXT))
hidden = st.sampled_from([*HIDDEN.values(), *HIDDEN_IN_BASE64.values()])
coding = st.sampled_from(sorted(CODINGS))


def encoded(text: str, coding: str, media_type: str) -> Body:
    headers = [(b"Content-Type", media_type.encode())]
    if coding:
        headers.append((b"Content-Encoding", coding.encode()))
    return CODINGS[coding](text.encode()), headers


def chunks(data: bytes, sizes: list[int]) -> list[bytes]:
    parts = []
    for size in sizes:
        parts.append(data[:size])
        data = data[size:]
    return [*parts, data]


def stream(events: list[str], end: str) -> str:
    return "".join(
        "".join(f"data: {line}{end}" for line in event.splitlines() or [""]) + end
        for event in events
    )


def exchange(stage: Stage, *, url: str, request: Body, response: Body, sizes: list[int]) -> None:
    tap = stage.tap()
    tap.request_head(method="POST", url=url, http="HTTP/1.1", headers=request[1])
    for chunk in chunks(request[0], sizes):
        tap.request_data(chunk)
    tap.request_end()
    tap.response_head(status=200, reason="OK", http="HTTP/1.1", headers=response[1])
    for chunk in chunks(response[0], sizes):
        tap.response_data(chunk)
    tap.response_end()


@settings(max_examples=EXAMPLES)
@given(
    secret=secrets(),
    header=st.sampled_from(sorted(SHOWN_IN_HEADERS)),
    place=shown,
    carriers=st.lists(hidden, min_size=4, max_size=4),
    codings=st.lists(coding, min_size=4, max_size=4),
    sizes=st.lists(st.integers(1, 40), max_size=12),
    line_end=st.sampled_from(LINE_ENDS),
    first=st.sampled_from(["header", "request", "response", "event", "url"]),
)
def test_nothing_of_a_secret_is_in_the_file(
    secret: Secret,
    header: str,
    place: str,
    carriers: list[Callable[[str], str]],
    codings: list[str],
    sizes: list[int],
    line_end: str,
    first: str,
) -> None:
    stage = Stage()
    show = SHOWN_IN_TEXT[place](secret.text)
    quiet = encoded("nothing here", codings[0], "text/plain")
    url = "https://mcp.example/mcp"
    match first:
        case "header":
            body, headers = quiet
            exchange(
                stage,
                url=url,
                request=(body, [*headers, *SHOWN_IN_HEADERS[header](secret.text)]),
                response=quiet,
                sizes=sizes,
            )
        case "request":
            shown_body = encoded(show, codings[0], "application/json")
            exchange(stage, url=url, request=shown_body, response=quiet, sizes=sizes)
        case "response":
            shown_body = encoded(show, codings[0], "text/html")
            exchange(stage, url=url, request=quiet, response=shown_body, sizes=sizes)
        case "event":
            events = encoded(stream([show], line_end), codings[0], "text/event-stream")
            exchange(stage, url=url, request=quiet, response=events, sizes=sizes)
        case "url":
            asked = SHOWN_IN_TEXT["query"](secret.text)
            exchange(stage, url=asked, request=quiet, response=quiet, sizes=sizes)

    hide = [carry(secret.text) for carry in carriers]
    exchange(
        stage,
        url=url,
        request=encoded(hide[0], codings[1], "application/json"),
        response=encoded(stream(hide[1:3], line_end), codings[2], "text/event-stream"),
        sizes=sizes,
    )
    exchange(
        stage,
        url=f"{url}?q={hide[3]}",
        request=quiet,
        response=encoded(hide[3], codings[3], "text/plain"),
        sizes=sizes,
    )

    recorded = b"\n".join(map(msgspec.json.encode, stage.records)).decode()
    for trace in traces(secret):
        assert trace not in recorded
