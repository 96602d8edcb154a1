"""One port of a service that speaks https, and http as well."""

import asyncio
import ssl
from pathlib import Path

import httpx
import pytest

from play import initialize
from wiretape.recorder.log.exchanges import exchanges
from wiretape.recorder.log.reader import read
from wiretape.recorder.redaction.redactor import Redactor
from wiretape.replay.clock import Clock
from wiretape.replay.edge.recording import recording
from wiretape.replay.edge.secured import secured
from wiretape.replay.edge.serving import running
from wiretape.replay.edge.tls import authority
from wiretape.replay.profiles import profile_named

ACCEPT = {"accept": "application/json, text/event-stream"}


def test_a_port_speaks_both_and_what_passes_is_recorded_as_it_was_asked(tmp_path: Path) -> None:
    profile, clock = profile_named("atlassian-gateway"), Clock()

    async def asked() -> tuple[Path, list[str], list[int]]:
        with (
            recording(tmp_path, "both", clock, Redactor(), warn=pytest.fail, profile="p") as taken,
            authority() as trusted,
        ):
            async with (
                running(profile, clock=clock, taken=taken) as service,
                secured(service, trusted, taken) as at,
                httpx.AsyncClient(
                    verify=ssl.create_default_context(cafile=str(trusted.file)), trust_env=False
                ) as http,
            ):
                assert at.origins == {url.removesuffix("/mcp") for url in (at.url, at.plain)}
                urls = [at.url, at.plain, at.url]
                answers = [await http.post(url, json=initialize(1), headers=ACCEPT) for url in urls]
            return taken.path, urls, [answer.status_code for answer in answers]

    path, urls, statuses = asyncio.run(asked())
    with read(path) as lines:
        found = list(exchanges(list(lines)))
    assert [each.request.url for each in found] == urls
    assert urls[0].replace("https", "http") == urls[1]
    assert statuses == [each.status for each in found] == [401] * 3
