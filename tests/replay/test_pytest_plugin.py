"""The plugin, as a project of its users has it."""

import pytest

from play import Play, call, result
from players import Streamable

GRANTED = """
import httpx, pytest, re
from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

BACK = "http://127.0.0.1:9/callback"
VERIFIER = "v" * 43

def call(service, token):
    sent = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}}
    headers = {"authorization": f"Bearer {token}", "accept": "application/json, text/event-stream"}
    return httpx.post(service.url, json=sent, headers=headers, trust_env=False)

def grant(service):
    env = service.env()
    asked = {"redirect_uris": [BACK], "token_endpoint_auth_method": "none"}
    client = httpx.post(env["WIRETAPE_REGISTRATION_URL"], json=asked).json()
    challenge = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
    asked = {"response_type": "code", "client_id": client["client_id"], "redirect_uri": BACK,
             "code_challenge": challenge, "code_challenge_method": "S256"}
    back = httpx.get(env["WIRETAPE_AUTHORIZATION_URL"], params=asked).headers["location"]
    form = {"grant_type": "authorization_code", "code": parse_qs(urlsplit(back).query)["code"][0],
            "client_id": client["client_id"], "redirect_uri": BACK,
            "code_verifier": VERIFIER}
    return httpx.post(env["WIRETAPE_TOKEN_URL"], data=form).json()
"""


def test_each_test_has_a_service_of_its_own(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        "import pytest\n@pytest.fixture\ndef anyio_backend():\n    return 'asyncio'"
    )
    pytester.makepyfile(
        GRANTED
        + """
import time
from freezegun import freeze_time

@pytest.mark.anyio
async def test_an_asynchronous_one(wiretape_service):
    async with httpx.AsyncClient(trust_env=False) as http:
        assert (await http.post(wiretape_service.url, json={})).status_code == 401

@freeze_time("2025-08-14 12:00:00")
def test_frozen_time_stays_frozen_and_the_service_goes_on(wiretape_service):
    tokens = grant(wiretape_service)
    answer = call(wiretape_service, tokens["access_token"])
    assert answer.status_code == 200
    wiretape_service.clock.advance(tokens["expires_in"] + 1)
    assert call(wiretape_service, tokens["access_token"]).status_code == 401
    assert time.strftime("%F") == "2025-08-14"

@pytest.mark.wiretape("atlassian-2026-03")
def test_a_token_lives_as_long_as_the_profile_says(wiretape_service):
    tokens = grant(wiretape_service)
    assert call(wiretape_service, tokens["access_token"]).status_code == 200
    wiretape_service.clock.advance(tokens["expires_in"] + 1)
    assert call(wiretape_service, tokens["access_token"]).status_code == 401
    assert [entry.status for entry in wiretape_service.journal][-2:] == [200, 401]

@pytest.mark.wiretape("atlassian-2026-03", faults=["unauthorized:times=1"], expires_in=7)
def test_faults_and_choices(wiretape_service):
    tokens = grant(wiretape_service)
    assert tokens["expires_in"] == 7
    statuses = [call(wiretape_service, tokens["access_token"]).status_code for _ in range(2)]
    assert statuses == [401, 200]

def test_without_a_marker(wiretape_service):
    assert "/v1/mcp/authv2" in wiretape_service.url
    assert wiretape_service.journal == ()
"""
    )
    found = pytester.runpytest_subprocess("-n2", "-p", "no:cacheprovider")
    found.assert_outcomes(passed=5)


def test_misses_and_what_was_not_asked_fail_a_test(pytester: pytest.Pytester) -> None:
    play = Play()
    peer = Streamable(play, None)
    play.answer(peer.post(call(1, "tools/call", name="get", arguments={"key": "A"})), result(1))
    play.write(pytester.path / "play.jsonl")
    pytester.makepyfile(
        """
import httpx, pytest

def ask(service, key):
    params = {"name": "get", "arguments": {"key": key}}
    sent = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    headers = {"accept": "application/json, text/event-stream"}
    return httpx.post(service.url, json=sent, headers=headers, trust_env=False).json()

@pytest.mark.wiretape("play.jsonl")
def test_all_is_asked(wiretape_service):
    assert ask(wiretape_service, "A")["result"] == {}

@pytest.mark.wiretape("play.jsonl")
def test_nothing_is_asked(wiretape_service):
    assert [each.name for each in wiretape_service.unplayed] == ["get"]

@pytest.mark.wiretape("play.jsonl", partial=True)
def test_a_client_minds_the_miss(wiretape_service):
    ask(wiretape_service, "C")["result"]

@pytest.mark.wiretape("play.jsonl", partial=True)
def test_nothing_needs_to_be_asked(wiretape_service):
    pass

@pytest.mark.wiretape("oauth-streamable", recordings=["play.jsonl"], partial=True)
def test_a_profile_has_a_recording(wiretape_service):
    assert len(wiretape_service.unplayed) == 1

@pytest.mark.wiretape("play.jsonl", partial=True)
def test_something_else_is_asked(wiretape_service):
    ask(wiretape_service, "B")
"""
    )
    found = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    found.assert_outcomes(passed=3, failed=3)
    found.stdout.fnmatch_lines(
        [
            "play.jsonl:8: tools/call get is recorded, and was not asked",
            "*KeyError: 'result'",
            "*Captured wiretape call*",
            "request 1: nothing recorded answers tools/call get; nearest is play.jsonl:8, with*",
        ]
    )


def test_a_mistake_in_the_marker_is_one_line(pytester: pytest.Pytester) -> None:
    said = {
        '"nobody"': "nobody: no such file, and no profile of: atlassian-2025-08",
        'faults=["nope"]': "no fault is called nope; `wiretape faults` lists them",
        "colour=7": "unexpected keyword argument 'colour'",
    }
    tests = (
        f"@pytest.mark.wiretape({marker})\ndef test_{number}(wiretape_service): pass\n"
        for number, marker in enumerate(said)
    )
    pytester.makepyfile("import pytest\n" + "\n".join(tests))
    found = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    found.assert_outcomes(errors=len(said))
    found.stdout.no_fnmatch_line("*another exception*")
    found.stdout.fnmatch_lines([f"*{line}*" for line in said.values()])
    assert "Traceback" not in found.stdout.str()
