"""A replayed service under record: by itself, and as a recorder in front of it has it."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from concluded import concluded, findings
from misbehaving import SSE, STREAMABLE, Client
from peers.processes import end_group, environment, finished
from replayed import WIRETAPE, replaying
from wiretape.analysis.analyse import Analysis
from wiretape.analysis.comparison.compare import compare
from wiretape.analysis.comparison.known import read as known
from wiretape.recorder.log.exchanges import Exchange, exchanges
from wiretape.recorder.log.reader import read
from wiretape.recorder.log.records import End, Error, Gap, Recording
from wiretape.recorder.log.urls import origin
from wiretape.replay.background import replayed
from wiretape.replay.clock import Clock
from wiretape.replay.service import Choices

MEASURED = ("latency", "stream.mcp.lifetime", "stream.mcp-answers.lifetime")


def read_back(folder: Path) -> tuple[Path, list[Exchange]]:
    (path,) = folder.glob("mcp-traffic-*.jsonl")
    with read(path) as reading:
        lines = list(reading)
        assert reading.cut is None
    assert not [line for line in lines if isinstance(line.record, Gap)]
    return path, list(exchanges(lines))


def record_session(tmp_path: Path, profile: str, *faults: str) -> list[Exchange]:
    """Record a session over HTTP+SSE that calls one tool, and has one ping, after the faults."""
    clock = Clock(1_700_000_000, rate=0)
    with (
        replayed(profile, clock=clock, record=tmp_path) as service,
        httpx.Client(timeout=5, trust_env=False) as http,
    ):
        client = Client(service, http)
        client.grant()
        for fault in faults:
            service.arm(fault)
        try:
            if profile == SSE:
                with client.stream() as events:
                    client.http.post(events.open(), json={}, headers=client.headers)
            else:
                client.begin()
        except (httpx.HTTPError, StopIteration):
            assert faults
    return read_back(tmp_path)[1]


def test_it_is_a_recording_like_any_other_and_has_no_secrets(tmp_path: Path) -> None:
    clock = Clock(1_700_000_000, rate=0)
    with (
        replayed(STREAMABLE, clock=clock, record=tmp_path) as service,
        httpx.Client(timeout=5, trust_env=False) as http,
    ):
        client = Client(service, http)
        client.grant()
        client.begin()
        clock.advance(client.tokens["expires_in"] + 16)
        assert client.begin().status_code == 401
        site = service.url
        secrets = [client.tokens["access_token"], client.tokens["refresh_token"]]
        secrets.append(client.registered["client_secret"])
    path, found = read_back(tmp_path)
    text = path.read_text()
    for secret in secrets:
        assert secret not in text
    with read(path) as reading:
        opening = reading.opening
    assert isinstance(opening, Recording)
    assert (opening.mode, opening.provenance) == ("replay", f"a replay of {STREAMABLE}")
    assert opening.start.timestamp() == 1_700_000_000
    assert path.with_suffix(".redaction.json").exists()
    last = found[-1]
    assert last.request is not None
    assert last.request.url == site
    assert last.request.t == client.tokens["expires_in"] + 16
    assert findings(path)["token.lifetime"].value == client.tokens["expires_in"]


def test_names_of_headers_are_as_the_client_spelt_them(tmp_path: Path) -> None:
    with (
        replayed(STREAMABLE, record=tmp_path) as service,
        httpx.Client(timeout=5, trust_env=False) as http,
    ):
        http.get(service.url, headers={"X-Spelt-LIKE-this": "Value"})
    (exchange,) = read_back(tmp_path)[1]
    assert exchange.request is not None
    assert ("X-Spelt-LIKE-this", "Value") in exchange.request.headers


def test_secrets_are_known_by_the_names_of_headers_however_these_vary(tmp_path: Path) -> None:
    sessions = set()
    with (
        replayed(STREAMABLE, record=tmp_path, choices=Choices(vary=2)) as service,
        httpx.Client(timeout=5, trust_env=False) as http,
    ):
        client = Client(service, http)
        client.grant()
        for _ in range(12):
            sessions.add(client.begin().headers["mcp-session-id"])
            del client.headers["mcp-session-id"]
    path, found = read_back(tmp_path)
    text = path.read_text()
    assert len(sessions) == 12
    assert not [session for session in sessions if session in text]
    heads = [each.response.headers for each in found if each.response is not None]
    names = {name for head in heads for name, _ in head if name.lower() == "mcp-session-id"}
    assert len(names) == 3


def test_redirects_are_followed_however_their_headers_are_spelt(tmp_path: Path) -> None:
    with (
        replayed("redirects", record=tmp_path, choices=Choices(vary=2)) as service,
        httpx.Client(timeout=5, trust_env=False, follow_redirects=True) as http,
    ):
        for _ in range(12):
            http.post(service.url, json={})
    causes = [each.request.cause for each in read_back(tmp_path)[1]]
    assert causes == [cause for first in range(1, 25, 2) for cause in (None, first)]


def test_what_is_refused_by_its_head_is_whole(tmp_path: Path) -> None:
    with (
        replayed(STREAMABLE, record=tmp_path) as service,
        httpx.Client(timeout=5, trust_env=False) as http,
    ):
        http.post(service.url, headers={"host": "elsewhere.example"}, json={})
        http.post(service.url, json={})
    first, second = read_back(tmp_path)[1]
    assert (first.status, first.complete) == (421, True)
    assert first.request.url.startswith("http://elsewhere.example/")
    assert (second.status, second.complete) == (401, True)


def test_events_are_in_it_as_they_passed(tmp_path: Path) -> None:
    clock = Clock(1_700_000_000, rate=0)
    with (
        replayed(SSE, clock=clock, record=tmp_path) as service,
        httpx.Client(timeout=5, trust_env=False) as http,
    ):
        client = Client(service, http)
        client.grant()
        with client.stream() as events:
            url = events.open()
            for number in range(3):
                clock.advance(1)
                events.say(url, "ping", number)
                events.next()
        while service.do(lambda at: at.service.world.sessions.open):
            pass  # until it is noticed that the client left
    found = read_back(tmp_path)[1]
    (stream,) = [each for each in found if each.response is not None and each.response.stream]
    first = stream.events[0]
    assert first.event == "endpoint"
    times = [event.t - first.t for event in stream.events]
    assert times == [0, 1, 2, 3]
    answers = [json.loads(event.data.data()) for event in stream.events[1:] if event.data]
    assert [answer["id"] for answer in answers] == [0, 1, 2]
    assert isinstance(stream.last, End)
    assert stream.last.how == "client abort"


def test_a_reset_connection_is_an_error(tmp_path: Path) -> None:
    last = record_session(tmp_path, STREAMABLE, "connection-reset")[-1]
    assert last.response is None
    assert isinstance(last.last, Error)
    assert (last.last.kind, last.last.detail) == ("protocol", "server closed connection")


def test_a_stream_that_is_cut_is_the_servers_doing(tmp_path: Path) -> None:
    last = record_session(tmp_path, SSE, "stream-cut")[-1]
    assert isinstance(last.last, End)
    assert last.last.how == "server abort"
    assert last.events[-1].incomplete


def test_what_faults_did_is_in_it(tmp_path: Path) -> None:
    last = record_session(tmp_path, STREAMABLE, "unauthorized")[-1]
    assert last.response is not None
    assert last.response.status == 401


@pytest.mark.timeout(110)
def test_a_recorder_in_front_of_it_learns_the_same(tmp_path: Path) -> None:
    key, within, front = tmp_path / "key", tmp_path / "within", tmp_path / "front"
    key.write_bytes(b"k" * 32)
    given = ("--pseudonym-key", str(key))
    words = ("oauth-streamable", "--record", "--name", "here", "--out", str(within), *given)
    probe = (*WIRETAPE, "probe", "--active", "--record", "--headless", "--rate", "50", *given)
    with replaying(tmp_path, *words) as (process, url):
        finished([*probe, "--name", "here", "--out", str(front), url], environment())
        process.terminate()
        assert process.wait(10) == 0
        end_group(process)
    (path,), (other,) = within.glob("*.jsonl"), front.glob("*.jsonl")
    compared = compare(known(path), known(other), {})
    assert [difference.id for difference in compared.differences] == []
    mine, theirs = _values(concluded(path)), _values(concluded(other))
    assert len(mine) > 60
    here, beside = _exchanges(path, url), _exchanges(other, url)
    assert here[0] == beside[0]
    assert here[1] == 0
    assert beside[1] > 0  # the browser's way back to the probe does not lead by the service
    name = next(key for key in mine if key.startswith("clients."))
    mine[name]["exchanges"] += beside[1]
    assert {key: value for key, value in mine.items() if theirs.get(key) != value} == {}
    assert mine.keys() == theirs.keys()


def _values(found: Analysis) -> dict[str, Any]:
    """Give what was found, without what no two runs have in common."""
    return {
        finding.id: finding.value
        for area in found.findings.values()
        for finding in area
        if not finding.id.startswith(MEASURED)
    }


def _exchanges(path: Path, url: str) -> tuple[int, int]:
    """Count the exchanges at the service, and all others."""
    with read(path) as reading:
        found = [each.request.url for each in exchanges(reading)]
    at_service = sum(each.startswith(origin(url)) for each in found)
    return at_service, len(found) - at_service
