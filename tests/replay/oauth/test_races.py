"""10,000 refreshes, each token used over two connections at once: none is spent twice."""

import asyncio
import json
from collections import Counter
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from replayed import CALLBACK, CHALLENGE, VERIFIER, changed, shipped
from wiretape.recorder.log.urls import origin, path
from wiretape.replay.edge.serving import Running, running
from wiretape.replay.http.messages import Ask

LINEAGES, GENERATIONS = 20, 500
STRICT = changed(shipped("atlassian-2025-08"), refresh={"old_token": "refused"})


class Connection:
    """A connection that is kept, with as little around it as can be."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def ask(
        self, method: str, url: str, body: str = "", kind: str = "x-www-form-urlencoded"
    ) -> tuple[int, str, bytes]:
        """Give the status, the headers and the body."""
        at = urlsplit(url)
        where = f"{at.path}?{at.query}" if at.query else at.path
        head = f"{method} {where} HTTP/1.1\r\nhost: {at.netloc}\r\n"
        about = f"content-type: application/{kind}\r\ncontent-length: {len(body)}\r\n\r\n"
        self._writer.write((head + about + body).encode())
        answer = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        length = int(_header(answer, "content-length") or 0)
        return int(answer.split(" ", 2)[1]), answer, await self._reader.readexactly(length)

    def close(self) -> None:
        self._writer.close()


def _header(answer: str, name: str) -> str | None:
    for line in answer.split("\r\n"):
        named, _, value = line.partition(": ")
        if named.lower() == name:
            return value
    return None


@pytest.mark.timeout(110)
def test_no_token_is_spent_twice() -> None:
    outcomes = asyncio.run(_races())
    assert outcomes == Counter({(200, 400): LINEAGES * GENERATIONS})


async def _races() -> Counter[tuple[int, ...]]:
    async with running(STRICT) as at:
        found = await asyncio.gather(*(_lineage(at) for _ in range(LINEAGES)))
    return sum(found, Counter())


async def _lineage(at: Running) -> Counter[tuple[int, ...]]:
    """Refresh so often, each time twice at once; go on with the tokens of whoever won."""
    endpoint = at.origins.rewritten(STRICT.endpoints.token or "")
    address = urlsplit(endpoint)
    both = [
        Connection(*await asyncio.open_connection(address.hostname, address.port)) for _ in range(2)
    ]
    client, token = await _granted(at, both[0])
    outcomes = Counter[tuple[int, ...]]()
    for _ in range(GENERATIONS):
        form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": client}
        answers = await asyncio.gather(
            *(each.ask("POST", endpoint, urlencode(form)) for each in both)
        )
        outcomes[tuple(sorted(status for status, _, _ in answers))] += 1
        token = next(json.loads(body) for status, _, body in answers if status == 200)[
            "refresh_token"
        ]
    for each in both:
        each.close()
    return outcomes


async def _granted(at: Running, connection: Connection) -> tuple[str, str]:
    """Give a client and its refresh token."""
    endpoints = STRICT.endpoints
    registered = await connection.ask(
        "POST",
        at.origins.rewritten(endpoints.registration or ""),
        json.dumps({"redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none"}),
        "json",
    )
    client: str = json.loads(registered[2])["client_id"]
    query = {
        "response_type": "code",
        "client_id": client,
        "redirect_uri": CALLBACK,
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    url = endpoints.authorization or ""
    redirect = at.service.answer(Ask(origin(url), "GET", path(url), urlencode(query)))
    code = parse_qs(urlsplit(redirect.header("location") or "").query)["code"][0]
    form = {
        "grant_type": "authorization_code",
        "client_id": client,
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    endpoint = at.origins.rewritten(endpoints.token or "")
    given: Any = json.loads((await connection.ask("POST", endpoint, urlencode(form)))[2])
    return client, given["refresh_token"]
