"""The reference gateway before mcp-atlassian: as it was probed, replayed; and itself, recorded."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest
from conforming import run, unexpected
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from parity import probed

from concluded import concluded
from gatewaying import SECRET, configured, serviced
from peers import serve
from peers.gateway_users import USERS
from peers.jira_imitation import ISSUE
from peers.processes import ROOT
from replayed import changed, shipped
from walked import WIRETAPE, record_command
from wiretape.analysis.profile.compile import profile_of
from wiretape.analysis.profile.model import Profile
from wiretape.analysis.profile.toml import write
from wiretape.replay.conformance import config as configs
from wiretape.replay.conformance.families import checks

type Json = Any

LIFETIME = 10
"""Seconds that a token lives, half of which the gateway waits until it refreshes."""

UNSEEN = {
    "redirects.method": "what redirects in mcp-atlassian is Starlette's router: by 307, always",
    "redirects.downgrade": "it is reached by http",
    "redirects.token": "it redirects to the other spelling of the slash only, at its own origin",
}
"""Checks that are judged in any recording, and of which nothing is to be seen in this one."""


async def refusal(url: str) -> Json:
    """Give what a tool answers to a token that is not good."""
    headers = {"authorization": "Bearer of-nobody"}
    async with (
        httpx2.AsyncClient(headers=headers, trust_env=False) as http,
        Client(streamable_http_client(url, http_client=http), mode="legacy") as client,
    ):
        result = await client.call_tool("jira_search", {"jql": "project = DEMO"})
    return result.model_dump(mode="json", by_alias=True, include={"content", "is_error"})


def with_atlassians_oauth(learnt: Profile, refused: Json) -> Profile:
    """Give what a gateway has behind it: mcp-atlassian, and where its users' tokens come from."""
    oauth = shipped("atlassian-gateway")
    return changed(
        learnt,
        endpoints=oauth.endpoints.model_dump() | {"mcp": learnt.endpoints.mcp},
        authorization=oauth.authorization.model_dump(),
        token=oauth.token.model_dump(),
        refresh=oauth.refresh.model_dump(),
        transport={"site": oauth.transport.site.model_dump()},
        tools={"unauthorized": {"result": refused}},
        challenge=learnt.challenge | {"resources": oauth.challenge["resources"]},
    )


@pytest.mark.timeout(300)
def test_the_gateway_fails_before_it_as_its_baseline_says(tmp_path: Path) -> None:
    with serve("atlassian") as server:
        recording = probed(server.url, server.walk.headers, tmp_path / "probed")
        refused = asyncio.run(refusal(server.url))
    learnt = profile_of(concluded(recording), "mcp-atlassian")
    behind = tmp_path / "profile.toml"
    behind.write_text(write(with_atlassians_oauth(learnt, refused)))
    config = configs.read(ROOT / "examples/gateway/wiretape.toml")
    upstream = config.upstream.model_copy(update={"profile": str(behind)})
    results = run("gateway", config.model_copy(update={"upstream": upstream}), tmp_path)
    assert unexpected(results, "gateway-before-mcp-atlassian-0.23") == {}


@pytest.mark.timeout(300)
def test_the_gateway_passes_before_mcp_atlassian_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both its sides are recorded; the tokens are a replayed service's, which Jira asks."""
    monkeypatch.setenv("GATEWAY_SECRET", SECRET)
    with serviced(expires_in=LIFETIME) as oauth:
        env = oauth.env()
        monkeypatch.setenv("SITES_URL", env["WIRETAPE_RESOURCES_URL"])
        with serve("atlassian") as server:
            config = tmp_path / "gateway.json"
            config.write_text(json.dumps(configured(env | {"WIRETAPE_URL": f"{server.url}/"})))
            visit = (sys.executable, "-m", "peers.gateway_users", str(config), str(LIFETIME), ISSUE)
            recorded = record_command(visit, server, home=tmp_path, out=tmp_path)
    url, *assignees = recorded.stdout.split()
    assert assignees == [*USERS, *USERS]
    told = ("--recording", str(recorded.path), "--target-origin", url)
    command = (WIRETAPE, "conform", "gateway", *told, "--json", "-o", str(tmp_path / "out"))
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    results = {each["id"]: each for each in json.loads(ran.stdout)["results"]}
    anywhere = {each.id for each in checks("gateway").values() if each.anywhere}
    outcomes = {id_: each["outcome"] for id_, each in results.items()}
    seen = {id_: outcome for id_, outcome in outcomes.items() if outcome != "untestable"}
    assert seen == dict.fromkeys(anywhere - UNSEEN.keys(), "pass")
