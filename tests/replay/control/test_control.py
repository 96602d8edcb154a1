"""The control API, over HTTP: what only its own clients see; the rest is in tests/cli."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from replayed import shipped
from wiretape.recorder.errors import EnvironmentFaultError
from wiretape.replay.clock import Clock
from wiretape.replay.control.access import MAIN
from wiretape.replay.control.hosting import Hosting, hosting
from wiretape.replay.control.serving import controlled

SECRET = "a secret of this test"
HELLO = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
MCP = {"accept": "application/json, text/event-stream"}


@asynccontextmanager
async def control(profile: str = "atlassian-2026-03") -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of the control API of one service, whose clock stands still."""
    async with hosting() as services:
        await services.start(shipped(profile), MAIN, clock=Clock(1_700_000_000, rate=0))
        async with (
            controlled(services, SECRET) as access,
            httpx.AsyncClient(
                base_url=access.url,
                headers={"authorization": f"Bearer {SECRET}"},
                trust_env=False,
                timeout=10,
            ) as http,
        ):
            yield http


async def _call(http: httpx.AsyncClient, url: str, token: str | None) -> int:
    headers = MCP | ({} if token is None else {"authorization": f"Bearer {token}"})
    async with httpx.AsyncClient(trust_env=False, timeout=10) as other:
        return (await other.post(url, json=HELLO, headers=headers)).status_code


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"authorization": ""}, 401),
        ({"authorization": "Bearer another"}, 401),
        ({"authorization": "Bearer \xe9"}, 401),
        ({"authorization": f"Basic {SECRET}"}, 401),
        ({"host": "evil.example"}, 421),
        ({"origin": "http://127.0.0.1"}, 403),
        ({"origin": "null"}, 403),
    ],
)
def test_only_whoever_has_the_secret_and_is_no_web_page(
    headers: dict[str, str], status: int
) -> None:
    async def asked() -> list[int]:
        async with control() as http:
            sent = {name: value.encode("latin-1") for name, value in headers.items()}
            paths = ("/services", "/services/main", "/services/nobody/clock", "/faults")
            return [(await http.get(path, headers=sent)).status_code for path in paths]

    expected = [200, 200, 404, 200] if status == 200 else [status] * 4
    assert asyncio.run(asked()) == expected


def test_what_is_not_understood_is_refused() -> None:
    async def asked() -> list[int]:
        async with control() as http:
            main = "/services/main"
            return [
                (await http.post(f"{main}/clock", json={})).status_code,
                (await http.post(f"{main}/clock", json={"advance": -1})).status_code,
                (await http.post(f"{main}/clock", content=b'{"rate": Infinity}')).status_code,
                (await http.post(f"{main}/clock", json={"to": 1})).status_code,
                (await http.post(f"{main}/faults", json={"fault": "nothing"})).status_code,
                (await http.get(f"{main}/journal", params={"since": "x"})).status_code,
                (await http.post("/services", json={"profile": "nobody"})).status_code,
                (
                    await http.post("/services", json={"profile": "redirects", "name": "main"})
                ).status_code,
                (await http.delete("/services/other")).status_code,
            ]

    assert asyncio.run(asked()) == [422, 422, 422, 422, 400, 422, 400, 400, 404]


def test_it_describes_itself_and_its_examples_are_good() -> None:
    async def described() -> Any:
        async with control() as http:
            return (await http.get("/openapi.json", headers={"authorization": ""})).json()

    told = asyncio.run(described())
    assert told["openapi"].startswith("3.1")
    for path, methods in told["paths"].items():
        for method, route in methods.items():
            assert route["description"], (method, path)
            assert route["security"], (method, path)
    schemas = told["components"]["schemas"]
    with_examples = [schema for schema in schemas.values() if "examples" in schema]
    assert len(with_examples) >= 4
    for schema in with_examples:
        for example in schema["examples"]:
            jsonschema.validate(example, schema | {"components": told["components"]})


def test_tokens_are_told_without_their_secrets_and_expire_alone() -> None:
    async def walk() -> None:
        async with control() as http:
            main = "/services/main"
            url = (await http.get(main)).json()["urls"][0]
            one, other = [
                (await http.post(f"{main}/tokens", json={"user": user})).json()
                for user in ("user-1", "user-2")
            ]
            answer = await http.get(f"{main}/tokens")
            for issued in (one, other):
                assert issued["access_token"] not in answer.text
                assert issued["refresh_token"] not in answer.text
            listed = answer.json()
            assert [(each["kind"], each["user"], each["lineage"]) for each in listed] == [
                ("access", "user-1", 1),
                ("access", "user-2", 2),
                ("refresh", "user-1", 1),
                ("refresh", "user-2", 2),
            ]
            assert {each["generation"] for each in listed} == {1}
            first = listed[0]
            assert first["ends"] - first["issued"] == one["expires_in"]
            await http.post(f"{main}/tokens/{first['id']}/expire")
            assert await _call(http, url, one["access_token"]) == 401
            assert await _call(http, url, other["access_token"]) != 401
            await _call(http, url, "nobody's")
            entries = (await http.get(f"{main}/journal")).json()["entries"]
            assert [(each["lineage"], each["token_id"]) for each in entries[-3:]] == [
                (1, first["id"]),
                (2, listed[1]["id"]),
                (None, None),
            ]
            await http.post(f"{main}/tokens/{listed[3]['id']}/revoke")
            assert await _call(http, url, other["access_token"]) == 401
            standings = [each["standing"] for each in (await http.get(f"{main}/tokens")).json()]
            assert standings == ["expired", "revoked", "good", "revoked"]

    asyncio.run(walk())


def test_an_issued_refresh_token_can_be_used() -> None:
    async def walk() -> None:
        async with control("oauth-streamable") as http:
            main = "/services/main"
            state = (await http.get(main)).json()
            issued = (await http.post(f"{main}/tokens", json={})).json()
            form = {"grant_type": "refresh_token", "client_id": issued["client_id"]}
            form |= {"refresh_token": issued["refresh_token"]}
            async with httpx.AsyncClient(trust_env=False, timeout=10) as other:
                site = "/".join(state["urls"][0].split("/")[:3])
                well_known = f"{site}/.well-known/oauth-authorization-server"
                metadata = (await other.get(well_known)).json()
                fresh = await other.post(metadata["token_endpoint"], data=form)
            assert fresh.status_code == 200, fresh.text
            listed = (await http.get(f"{main}/tokens")).json()
            access = [each["generation"] for each in listed if each["kind"] == "access"]
            assert access == [1, 2]
            assert await _call(http, state["urls"][0], fresh.json()["access_token"]) != 401

    asyncio.run(walk())


def test_sessions_are_told_without_their_ids_and_dropped() -> None:
    async def walk() -> None:
        async with control("atlassian-2025-08") as http:
            main = "/services/main"
            url = (await http.get(main)).json()["urls"][0]
            token = (await http.post(f"{main}/tokens", json={})).json()["access_token"]
            headers = {"authorization": f"Bearer {token}"}
            async with (
                httpx.AsyncClient(trust_env=False, timeout=10) as other,
                other.stream("GET", url, headers=headers) as stream,
            ):
                lines = stream.aiter_lines()
                assert await anext(lines) == "event: endpoint"
                answer = await http.get(f"{main}/sessions")
                (session,) = answer.json()
                assert (session["user"], session["lineage"]) == ("user-1", 1)
                assert session["listens"] is True
                assert (await anext(lines)).rpartition("=")[2] not in answer.text
                dropped = await http.delete(f"{main}/sessions/{session['number']}")
                assert dropped.json() == 1
                assert [line async for line in lines] == [""]
            assert (await http.get(f"{main}/sessions")).json() == []

    asyncio.run(walk())


def test_the_journal_is_told_in_pages() -> None:
    async def walk() -> None:
        async with control() as http:
            main = "/services/main"
            url = (await http.get(main)).json()["urls"][0]
            for _ in range(5):
                await _call(http, url, None)
            await http.post(f"{main}/faults", json={"fault": "unauthorized"})
            token = (await http.post(f"{main}/tokens", json={})).json()["access_token"]
            await _call(http, url, token)

            async def numbers(**wanted: Any) -> list[int]:
                page = (await http.get(f"{main}/journal", params=wanted)).json()
                return [entry["number"] for entry in page["entries"]]

            assert await numbers() == [1, 2, 3, 4, 5, 6]
            assert await numbers(since=2, most=2) == [3, 4]
            assert await numbers(fault="unauthorized") == [6]
            assert await numbers(user="user-1", status=401, role="mcp", method="POST") == [6]
            assert await numbers(operation="tools/call") == []
            await http.delete(f"{main}/journal")
            await _call(http, url, None)
            page = (await http.get(f"{main}/journal")).json()
            assert [entry["number"] for entry in page["entries"]] == [7]
            assert page["dropped"] == 0

    asyncio.run(walk())


def test_services_know_nothing_of_each_other() -> None:
    async def walk() -> None:
        async with control() as http:
            wanted = {"profile": "atlassian-2026-03", "expires_in": 7, "clock_start": 1000}
            started = await http.post("/services", json=wanted | {"faults": ["unauthorized"]})
            assert started.status_code == 201
            other = started.json()
            assert other["clock"]["now"] < 2000
            main = (await http.get("/services/main")).json()
            assert main["clock"]["now"] == 1_700_000_000
            assert not set(main["origins"].values()) & set(other["origins"].values())
            token = (await http.post("/services/main/tokens", json={})).json()
            there = (await http.post(f"{other['control']}/tokens", json={})).json()
            assert (token["expires_in"] == 7, there["expires_in"]) == (False, 7)
            assert await _call(http, main["urls"][0], token["access_token"]) != 401
            assert await _call(http, main["urls"][0], there["access_token"]) == 401
            await http.post(f"{other['control']}/reset")
            assert (await http.get(other["control"])).json()["armed"] == []
            assert await _call(http, main["urls"][0], token["access_token"]) != 401
            assert (await http.delete(other["control"])).status_code == 204
            assert (await http.get(other["control"])).status_code == 404

    asyncio.run(walk())


def test_a_service_that_cannot_be_made_leaves_nothing() -> None:
    async def walk() -> None:
        async with control() as http:
            wanted = {"profile": "atlassian-2026-03", "name": "bad", "faults": ["nothing"]}
            assert (await http.post("/services", json=wanted)).status_code == 400
            assert len((await http.get("/services")).json()) == 1
            good = await http.post("/services", json=wanted | {"faults": []})
            assert good.json()["name"] == "bad"

    asyncio.run(walk())


def test_hosting_ends_all_that_it_began() -> None:
    async def walk() -> Hosting:
        async with hosting() as services:
            for name in ("one", "two", "three"):
                await services.start(shipped("redirects"), name)
            assert len(dict(services)) == 3
        return services

    assert dict(asyncio.run(walk())) == {}


def test_recorded_calls_that_nobody_asked_are_told() -> None:
    recording = str(Path(str(files("wiretape.fixtures"))) / "recordings" / "oauth-streamable.jsonl")

    async def walk() -> None:
        async with control() as http:
            assert (await http.get("/services/main/unplayed")).json() == []
            for wanted in (
                {"profile": "oauth-streamable", "recordings": [recording]},
                {"profile": recording},
            ):
                other = (await http.post("/services", json=wanted)).json()
                unplayed = (await http.get(f"{other['control']}/unplayed")).json()
                assert {"tools/call", "tools/list"} <= {each["method"] for each in unplayed}
                assert all(each["place"].startswith("oauth-streamable") for each in unplayed)

    asyncio.run(walk())


def test_a_port_that_is_taken_is_named() -> None:
    async def walk(port: int) -> None:
        async with hosting() as services, controlled(services, SECRET, port):
            pass

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(EnvironmentFaultError, match=f"{port}: .* with --control-port"):
            asyncio.run(walk(port))
