"""Who the bridge is upstream, as requests may show it."""

from base64 import b64encode

import pytest

from trials import SERVICE, TARGET, Trial
from wiretape.replay.conformance.checks.bridge.upstream_client import FAMILY
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id.removeprefix("upstream."): check.judge for check in FAMILY.checks}
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
BASIC = "Basic " + b64encode(b"client-1:secret").decode()


class Asking(Trial):
    """A trial in which things are asked for upstream."""

    def known(self, method: str = "none", client: str = "client-1") -> "Asking":
        self.note("registered as", f"{method} {client}")
        return self

    def authorize(self, site: str = SERVICE, client: str = "client-1", **other: str) -> "Asking":
        asked = {"response_type": "code", "client_id": client} | other
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        self.answer(self.request("GET", f"{site}/authorize?{query}"), status=302)
        return self

    def token(
        self,
        site: str = SERVICE,
        *,
        basic: str | None = None,
        status: int = 200,
        json: bool = False,
        **form: str,
    ) -> "Asking":
        asked = {"grant_type": "authorization_code", "code": "a-code"} | form
        headers = (JSON if json else FORM) | ({"authorization": basic} if basic else {})
        how = {"json": asked} if json else {"form": asked}
        number = self.request("POST", f"{site}/token", headers=headers, **how)
        self.answer(number, {"access_token": "a-token"}, status=status, headers=JSON)
        return self

    def outcome(self, check: str) -> Outcome:
        return JUDGES[check](self.evidence).outcome


@pytest.mark.parametrize(
    ("trial", "outcome"),
    [
        (Asking().known().authorize().token(client_id="client-1"), "pass"),
        (Asking().known().authorize().token(basic=BASIC), "pass"),
        (Asking().known().token(json=True, client_id="client-1"), "pass"),
        (Asking().known().authorize(client="another").token(client_id="client-1"), "fail"),
        (Asking().known().authorize().token(client_id="another"), "fail"),
        (Asking().known().token(), "fail"),
        (Asking().known().authorize(), "untestable"),
        (Asking().authorize().token(client_id="client-1"), "untestable"),
    ],
)
def test_the_bridge_is_who_was_registered(trial: Asking, outcome: Outcome) -> None:
    assert trial.outcome("client-id") == outcome


@pytest.mark.parametrize(
    ("trial", "outcome"),
    [
        (Asking().known().token(client_id="client-1"), "pass"),
        (Asking().known("client_secret_basic").token(basic=BASIC, client_id="client-1"), "pass"),
        (Asking().known("client_secret_post").token(basic=BASIC), "fail"),
        (Asking().known("client_secret_basic").token(client_id="client-1"), "fail"),
        (
            Asking().known("client_secret_post").token(client_id="client-1", client_secret="s"),
            "pass",
        ),
        (Asking().known("either").token(basic=BASIC), "pass"),
        (Asking().known("either").token(client_id="client-1", client_secret="s"), "pass"),
        (Asking().known("either").token(client_id="client-1"), "fail"),
        (Asking().known().token(client_id="client-1", status=401), "fail"),
        (Asking().known().token(client_id="another"), "untestable"),
    ],
)
def test_the_bridge_authenticates_as_registered(trial: Asking, outcome: Outcome) -> None:
    assert trial.outcome("client-authentication") == outcome


def test_each_of_two_users_goes_upstream_as_the_same_client() -> None:
    def users(*clients: str) -> Asking:
        trial = Asking()
        for number, client in enumerate(clients):
            trial.step(f"user {number}")
            trial.authorize(client=client)
        return trial

    assert users("client-1", "client-1").outcome("registers-once") == "pass"
    assert users("client-1", "client-2").outcome("registers-once") == "fail"
    assert users("client-1").outcome("registers-once") == "untestable"


@pytest.mark.parametrize(
    ("trial", "outcome"),
    [
        (Asking().token(), "pass"),
        (Asking().token().token(json=True), "fail"),
        (Asking().token(TARGET), "untestable"),
    ],
)
def test_codes_are_exchanged_by_a_form(trial: Asking, outcome: Outcome) -> None:
    assert trial.outcome("exchange-form") == outcome


@pytest.mark.parametrize(
    ("scope", "listed", "outcome"),
    [
        ("read+offline_access", None, "pass"),
        ("read", None, "fail"),
        ("read+offline_access_not", None, "fail"),
        ("read", ["read"], "pass"),
        ("read", ["read", "offline_access"], "fail"),
    ],
)
def test_offline_access_is_asked_for_unless_it_is_not_offered(
    scope: str, listed: list[str] | None, outcome: Outcome
) -> None:
    trial = Asking()
    found = trial.request("GET", f"{SERVICE}/.well-known/oauth-authorization-server")
    trial.answer(found, {"scopes_supported": listed} if listed else {}, headers=JSON)
    assert trial.authorize(scope=scope).outcome("offline-access") == outcome


@pytest.mark.parametrize(
    ("ours", "outcome"), [("c" * 43, "fail"), ("u" * 43, "pass"), (None, "untestable")]
)
def test_the_challenge_is_the_bridges_own(ours: str | None, outcome: Outcome) -> None:
    trial = Asking().authorize(TARGET, code_challenge="c" * 43, code_challenge_method="S256")
    trial.authorize(**({} if ours is None else {"code_challenge": ours}))
    assert trial.outcome("own-challenge") == outcome


@pytest.mark.parametrize(
    ("trial", "outcome"),
    [
        (Asking().token(TARGET, code_verifier="theirs").token(code_verifier="ours"), "pass"),
        (Asking().token(TARGET, code_verifier="theirs").token(code_verifier="theirs"), "fail"),
        (Asking().token(), "fail"),
        (Asking().token(code_verifier="ours", status=400), "fail"),
        (Asking().token(TARGET, code_verifier="theirs"), "untestable"),
    ],
)
def test_the_verifier_is_the_bridges_own(trial: Asking, outcome: Outcome) -> None:
    assert trial.outcome("verifier") == outcome


@pytest.mark.parametrize(
    ("named", "resource", "outcome"),
    [
        (f"{SERVICE}/mcp", f"{SERVICE}/mcp", "pass"),
        (f"{SERVICE}/mcp", None, "fail"),
        (f"{SERVICE}/mcp", "https://another.example/mcp", "fail"),
        (None, None, "pass"),
    ],
)
def test_what_tokens_are_for_is_said_where_the_service_tells_it(
    named: str | None, resource: str | None, outcome: Outcome
) -> None:
    trial = Asking()
    if named is not None:
        trial.note("resource", named)
    told = {} if resource is None else {"resource": resource}
    assert trial.authorize(**told).token(**told).outcome("resource") == outcome
