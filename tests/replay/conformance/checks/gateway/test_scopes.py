"""Which scopes there are, and what may be asked for."""

from urllib.parse import urlencode

import pytest

from trials import SERVICE, Trial
from wiretape.analysis.profile.offers import Tool
from wiretape.replay.conformance.checks.gateway.scopes import FAMILY
from wiretape.replay.conformance.terms.scopes import documented, needed, opens
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id: check.judge for check in FAMILY.checks}
METADATA, DOCUMENTATION = "its metadata", "Atlassian's documentation"
JIRA = "read:jira-work write:jira-work"
NEEDED = ("read confluence", "read jira", "write jira")


def sent(scope: str | None, told: str | None = DOCUMENTATION, *, known: str = JIRA) -> Trial:
    trial = Trial()
    trial.note("scopes of the service", known)
    if told is not None:
        trial.note("what tells all of its scopes", told)
    if told == DOCUMENTATION:
        for what in NEEDED:
            trial.note("what its tools do", what)
    query = {"response_type": "code", "client_id": "c", "redirect_uri": "https://g.example/back"}
    asked = query if scope is None else query | {"scope": scope}
    trial.answer(trial.request("GET", f"{SERVICE}/authorize?{urlencode(asked)}"), status=302)
    return trial


@pytest.mark.parametrize(
    ("trial", "known", "enough"),
    [
        (sent(f"{JIRA} search:confluence offline_access"), "pass", "pass"),
        (sent("read:issue:jira write:comment:jira read:page:confluence"), "pass", "pass"),
        (sent(f"{JIRA} read:me"), "pass", "fail"),
        (sent("read:jira-work search:confluence"), "pass", "fail"),
        (sent(f"{JIRA} search:confluence jira:read"), "fail", "pass"),
        (sent(f"{JIRA},search:confluence"), "fail", "fail"),
        (sent(f"{JIRA}  search:confluence"), "fail", "pass"),
        (sent(None), "untestable", "untestable"),
        (sent(JIRA, METADATA), "pass", "untestable"),
        (sent(f"{JIRA} read:jira-user", METADATA), "fail", "untestable"),
        (sent(JIRA, None), "pass", "untestable"),
        (sent(f"{JIRA} read:jira-user", None), "untestable", "untestable"),
        (Trial(), "untestable", "untestable"),
    ],
)
def test_what_may_be_asked_for(trial: Trial, known: Outcome, enough: Outcome) -> None:
    evidence = trial.evidence
    assert JUDGES["authorize.scopes"](evidence).outcome == known
    assert JUDGES["authorize.scopes-needed"](evidence).outcome == enough


@pytest.mark.parametrize(
    ("scope", "there_is"),
    [
        ("read:jira-work", True),
        ("readonly:content.attachment:confluence", True),
        ("read:issue-details:jira", True),
        ("offline_access", True),
        ("read:jira", False),
        ("Read:Issue:Jira", False),
        ("", False),
    ],
)
def test_which_there_are(scope: str, there_is: bool) -> None:
    assert documented(scope) is there_is


def test_what_a_scope_is_good_for() -> None:
    assert opens("manage:jira-project", "write", "jira")
    assert not opens("read:jira-work", "write", "jira")
    assert not opens("read:confluence-user", "read", "jira")
    assert not opens("offline_access", "read", "jira")


def test_what_tools_need() -> None:
    reading = Tool(annotations='{"readOnlyHint": true}')
    tools = {"jira_search": reading, "jira_add": Tool(), "confluence_get": reading, "x": Tool()}
    assert needed(tools) == [("read", "confluence"), ("read", "jira"), ("write", "jira")]
