"""What personas are judged by: whether they could call a tool, and whether users were asked."""

from collections.abc import Mapping

import pytest

from play import call, failure, result
from trials import SERVICE, TARGET, Trial
from wiretape.replay.conformance.check import Check
from wiretape.replay.conformance.families import personas
from wiretape.replay.conformance.terms.renewals import SPOILT
from wiretape.replay.conformance.verdict import Verdict

MCP = f"{TARGET}/mcp"
EACH = list(personas())
SDKS = [name for name in EACH if name != "vscode"]


class Story(Trial):
    """What a persona does, in words."""

    def asks(self, json: object, answer: object = None, status: int = 200) -> "Story":
        self.answer(self.post(MCP, json), answer, status=status)
        return self

    def calls(self) -> "Story":
        return self.asks(call(7, "tools/call"), result(7, content=[]))

    def registers(self) -> "Story":
        wanted = {"redirect_uris": ["http://127.0.0.1:9/callback"]}
        self.answer(self.post(f"{TARGET}/register", wanted), {"client_id": "c"}, status=201)
        return self

    def authorizes(self) -> "Story":
        asked = self.request("GET", f"{TARGET}/authorize?response_type=code&client_id=c")
        self.answer(asked, status=302, headers={"location": "http://127.0.0.1:9/callback?code=d"})
        return self

    def tokens(self, site: str = TARGET, grant: str = "refresh_token", **fields: object) -> "Story":
        form = {"grant_type": grant, "refresh_token": "r"}
        asked = self.request("POST", f"{site}/token", form=form)
        self.answer(asked, fields, status=400 if "error" in fields else 200)
        return self


def at(step: str) -> Story:
    story = Story()
    story.step(step)
    return story


def judged(persona: str, what: str, story: Story) -> Verdict:
    checks: Mapping[str, Check] = {c.id: c for c in personas()[persona].checks}
    return checks[f"persona.{persona}.{what}"].judge(story.evidence)


@pytest.mark.parametrize("persona", EACH)
def test_who_connects_calls_a_tool(persona: str) -> None:
    assert judged(persona, "connects", at("connects").registers().calls()).outcome == "pass"
    refused = at("connects").asks(call(7, "tools/call"), failure(7))
    assert judged(persona, "connects", refused).outcome == "fail"
    stuck = at("connects").asks(call(1, "initialize"), status=405)
    stuck.note("stuck", "it was answered 405")
    assert judged(persona, "connects", stuck).seen == "it was answered 405"
    assert judged(persona, "connects", at("connects")).outcome == "untestable"


@pytest.mark.parametrize("persona", EACH)
def test_who_registers_twice_bothers_the_user(persona: str) -> None:
    story = at("connects").registers().registers().calls()
    assert judged(persona, "connects", story).outcome == "fail"


@pytest.mark.parametrize("persona", SDKS)
def test_who_authorizes_twice_bothers_the_user(persona: str) -> None:
    story = at("connects").registers().authorizes().calls()
    assert judged(persona, "connects", story).outcome == "pass"
    story = at("connects").registers().authorizes().authorizes().calls()
    assert judged(persona, "connects", story).outcome == "fail"


@pytest.mark.parametrize(("told", "outcome"), [(True, "pass"), (False, "fail")])
def test_a_result_may_come_on_another_stream(told: bool, outcome: str) -> None:
    story = at("connects")
    stream = story.listen(f"{TARGET}/sse")
    story.stream(stream)
    story.event(stream, event="endpoint", text="/messages?sessionId=a")
    story.answer(story.post(f"{TARGET}/messages?sessionId=a", call(7, "tools/call")), status=202)
    if told:
        story.event(stream, result(7))
    assert judged("vscode", "connects", story).outcome == outcome


@pytest.mark.parametrize(
    ("persona", "what", "step"),
    [
        *((name, "comes-back", "comes back") for name in SDKS),
        ("vscode", "survives-session-loss", "the session is gone"),
    ],
)
def test_a_user_is_not_asked_in_vain(persona: str, what: str, step: str) -> None:
    assert judged(persona, what, at(step).calls()).outcome == "pass"
    assert judged(persona, what, at(step).authorizes().calls()).outcome == "fail"
    assert judged(persona, what, at("another step").calls()).outcome == "untestable"


@pytest.mark.parametrize("persona", SDKS)
def test_an_sdk_refreshes_what_it_was_issued(persona: str) -> None:
    def story() -> Story:
        begun = at("connects").tokens(grant="authorization_code", access_token="a").calls()
        begun.step("refreshes")
        return begun

    assert judged(persona, "refreshes", story().tokens(access_token="b").calls()).outcome == "pass"
    assert judged(persona, "refreshes", story().authorizes().calls()).outcome == "fail"
    assert judged(persona, "refreshes", story()).outcome == "untestable"
    tokenless = at("connects").calls()
    tokenless.step("refreshes")
    assert judged(persona, "refreshes", tokenless.calls()).outcome == "untestable"


def test_vs_code_refreshes_what_expires() -> None:
    def story(**fields: object) -> Story:
        begun = at("connects").tokens(grant="authorization_code", access_token="a", **fields)
        begun.step("refreshes")
        return begun

    assert judged("vscode", "refreshes", story(expires_in=60).calls()).outcome == "pass"
    assert judged("vscode", "refreshes", story().calls()).outcome == "untestable"
    again = story(expires_in=60).authorizes().calls()
    assert judged("vscode", "refreshes", again).outcome == "fail"


ENDING = [("vscode", "the grant is over"), *((name, "asks again") for name in SDKS)]


@pytest.mark.parametrize(("persona", "step"), ENDING)
def test_a_grant_that_the_service_has_not_ended_shows_nothing(persona: str, step: str) -> None:
    def verdict(story: Story) -> str:
        return judged(persona, "re-authorizes", story).outcome

    assert verdict(at(step).tokens(SERVICE, error="invalid_grant").calls()) == "pass"
    lost = at(step).tokens(SERVICE, error="invalid_grant").tokens(error="invalid_grant")
    assert verdict(lost) == "fail"
    assert verdict(at(step).calls()) == "untestable"


@pytest.mark.parametrize(("persona", "step"), ENDING)
def test_a_grant_that_a_server_did_not_issue_leads_to_the_user(persona: str, step: str) -> None:
    def verdict(story: Story) -> str:
        return judged(persona, "re-authorizes", story).outcome

    def spoilt() -> Story:
        story = at(step)
        story.note(SPOILT, "it was not issued")
        return story

    assert verdict(spoilt().tokens(error="invalid_grant").authorizes().calls()) == "pass"
    assert verdict(spoilt().tokens(access_token="a").calls()) == "fail"
    assert verdict(spoilt().tokens(error="invalid_grant").authorizes()) == "fail"
    assert verdict(spoilt().calls()) == "untestable"


@pytest.mark.parametrize("persona", EACH)
def test_who_cannot_know_enough_shows_nothing(persona: str) -> None:
    def verdict(story: Story) -> str:
        return judged(persona, "connects", story).outcome

    assert verdict(at("connects").asks(call(1, "tools/list"), result(1, tools=[]))) == "untestable"
    refused = at("connects").asks(call(7, "tools/call"), failure(7, code=-32602))
    assert verdict(refused) == "untestable"
    place = f"{TARGET}/.well-known/oauth-authorization-server"

    def found(**metadata: object) -> Story:
        story = at("connects").asks(call(1, "initialize"), status=401)
        story.answer(story.request("GET", place), {"issuer": TARGET} | metadata)
        return story

    assert verdict(found()) == "untestable"
    assert verdict(found(registration_endpoint=f"{TARGET}/register")) == "fail"


@pytest.mark.parametrize(
    ("what", "step"),
    [
        ("re-registers", "the client is unknown"),
        ("replaces-token", "the token is refused"),
    ],
)
def test_vs_code_can_lose_only_what_it_had(what: str, step: str) -> None:
    def had(begun: Story) -> str:
        begun.step(step)
        return judged("vscode", what, begun.calls()).outcome

    assert had(at("prepares").registers().tokens(access_token="a").calls()) == "pass"
    assert had(at("prepares").calls()) == "untestable"


def test_who_was_in_no_session_cannot_lose_it() -> None:
    story = at("prepares").calls()
    assert "no session" in judged("vscode", "survives-session-loss", story).seen
