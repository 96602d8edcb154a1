"""Lineages of tokens on both sides, as they may come out."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from trials import SERVICE, TARGET, Trial
from wiretape.replay.conformance.checks.bridge.rotation import FAMILY
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id: check.judge for check in FAMILY.checks}
FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}


class Tokens(Trial):
    """A trial of token requests."""

    def token(
        self,
        site: str,
        spent: str | None,
        proof: Mapping[str, str] = MappingProxyType({}),
        **told: Any,
    ) -> None:
        """Ask for tokens with a code, or with the refresh token that is spent.

        The client proves who it is by a header, or by a parameter.
        """
        form = {"grant_type": "authorization_code", "code": "a-code"}
        if spent is not None:
            form = {"grant_type": "refresh_token", "refresh_token": spent}
        header = {name: each for name, each in proof.items() if name == "authorization"}
        form |= {name: each for name, each in proof.items() if name not in header}
        asked = self.request("POST", f"{site}/token", form=form, headers=FORM | header)
        self.answer(asked, {"access_token": "an-access-token", **told}, headers=JSON)

    def outcome(self, check: str) -> Outcome:
        return JUDGES[check](self.evidence).outcome


def upstream(*spent: str, rotates: bool = True) -> Tokens:
    """What a bridge asks the service for: a code's exchange, and refreshes with these tokens."""
    trial = Tokens()
    trial.token(SERVICE, None, refresh_token="r0")
    for number, token in enumerate(spent, 1):
        trial.token(SERVICE, token, **({"refresh_token": f"r{number}"} if rotates else {}))
    return trial


@pytest.mark.parametrize(
    ("trial", "outcome"),
    [
        (upstream("r0", "r1", "r2"), "pass"),
        (upstream("r0", "r0", "r0"), "fail"),
        (upstream("r0", "r1", "r1"), "fail"),
        (upstream("r0", "r0", "r0", rotates=False), "pass"),
        (upstream("r0", "r1"), "untestable"),
        (upstream(), "untestable"),
    ],
)
def test_each_refresh_upstream_has_the_newest_token(trial: Tokens, outcome: Outcome) -> None:
    assert trial.outcome("refresh.rotation-stored") == outcome


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        ({"refresh_token": "new"}, "pass"),
        ({"refresh_token": "old"}, "fail"),
        ({}, "fail"),
    ],
)
def test_clients_get_new_refresh_tokens(told: dict[str, str], outcome: Outcome) -> None:
    trial = Tokens()
    trial.token(TARGET, "old", **told)
    assert trial.outcome("refresh.rotated") == outcome


@pytest.mark.parametrize(
    "proof",
    [
        {"authorization": "Basic YS1jbGllbnQ6YS1zZWNyZXQ="},
        {"client_secret": "a-secret"},
        {"client_assertion": "a-signed-jwt"},
    ],
)
def test_clients_that_authenticate_may_keep_theirs(proof: dict[str, str]) -> None:
    trial = Tokens()
    trial.token(TARGET, "old", proof)
    assert trial.outcome("refresh.rotated") == "untestable"
    trial = Tokens()
    trial.token(TARGET, "old", proof)
    trial.token(TARGET, "another", refresh_token="another")
    assert trial.outcome("refresh.rotated") == "fail"


def test_an_exchange_is_no_refresh() -> None:
    trial = Tokens()
    trial.token(TARGET, None, refresh_token="new")
    assert trial.outcome("refresh.rotated") == "untestable"


@pytest.mark.parametrize(
    ("lives", "outcome"),
    [(540, "pass"), (30, "pass"), (541, "fail"), ("540", "untestable"), (None, "untestable")],
)
def test_tokens_are_over_before_the_services(lives: Any, outcome: Outcome) -> None:
    trial = Tokens()
    trial.note("margin", "60.0")
    trial.token(SERVICE, None, expires_in=600)
    trial.token(TARGET, None, expires_in=lives)
    assert trial.outcome("expiry.margin") == outcome


def test_of_a_refresh_it_is_the_answer_behind_it_that_counts() -> None:
    trial = Tokens()
    trial.note("margin", "60.0")
    trial.token(SERVICE, None, expires_in=3600)
    trial.token(TARGET, None, expires_in=3540)
    form = {"grant_type": "refresh_token", "refresh_token": "old"}
    asked = trial.request("POST", f"{TARGET}/token", form=form, headers=FORM)
    trial.token(SERVICE, "r0", expires_in=600)  # while the client waits
    trial.answer(asked, {"access_token": "another", "expires_in": 3540}, headers=JSON)
    assert trial.outcome("expiry.margin") == "fail"


def called(trial: Tokens, token: str) -> Tokens:
    trial.step("use of what was refreshed")
    asked = trial.post(f"{SERVICE}/mcp", headers={"authorization": f"Bearer {token}"})
    trial.answer(asked, {}, headers=JSON)
    return trial


@pytest.mark.parametrize(("token", "outcome"), [("new", "pass"), ("old", "fail")])
def test_calls_have_what_the_refresh_brought(token: str, outcome: Outcome) -> None:
    trial = Tokens()
    trial.token(SERVICE, None, access_token="old")
    trial.token(SERVICE, "r0", access_token="new")
    assert called(trial, token).outcome("refresh.wrapped-anew") == outcome


def test_without_a_refresh_it_is_not_known_what_is_new() -> None:
    assert called(Tokens(), "old").outcome("refresh.wrapped-anew") == "untestable"
