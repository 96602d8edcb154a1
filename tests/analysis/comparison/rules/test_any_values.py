"""What holds for all rules, whatever the findings say."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from comparing import judged
from wiretape.analysis.comparison.rule import rules

NAMES = [
    "allow_origin",
    "answered",
    "authorization_servers",
    "body_form",
    "challenges",
    "errors",
    "input",
    "kind",
    "length",
    "max_age",
    "may_call",
    "may_read",
    "may_send",
    "may_use",
    "method_changed",
    "params",
    "properties",
    "required",
    "scheme",
    "scheme_downgrade",
    "scopes_supported",
    "status",
    "to",
    "type",
]
IDS = [
    "authorization.answer",
    "authorization.pkce",
    "authorization.scope",
    "authorization.status",
    "challenge.mcp.GET.no token",
    "challenge.mcp.POST.expired token",
    "cors.mcp.browser",
    "cors.mcp.preflight",
    "cors.mcp.refused",
    "discovery.issuer_matches",
    "discovery.resource-metadata",
    "discovery.resource-metadata.document",
    "discovery.server-metadata.document",
    "headers.security",
    "of.nobody",
    "protocol.capabilities",
    "protocol.method.tools/call",
    "protocol.nonconforming",
    "protocol.revisions",
    "redirect./mcp",
    "refresh.encoding",
    "refresh.old_token",
    "refresh.rotates",
    "registration.fields",
    "registration.status",
    "stream.sse.keepalive",
    "token.access.shape",
    "token.answer.cache_control",
    "token.answer.fields",
    "token.error.invalid_grant",
    "token.lifetime",
    "token.lifetime.observed",
    "token.scope",
    "token.type",
    "tools.list",
    "tools.tool.search",
    "transport.endpoint",
    "transport.get",
    "transport.kinds",
    "transport.message.answer",
    "transport.notification",
    "transport.session_id.place",
    "transport.sse.post",
    "transport.unknown_session",
    "transport.wrong_accept",
]
WORDS = ["S256", "https://[", "form", "sse", "2025-06-18", "offline_access", "none", "a b", ""]
SCALARS = (
    st.none()
    | st.booleans()
    | st.sampled_from([0, 200, 302, 400, 401, 404, 405, 1.5, -1])
    | st.floats(allow_nan=False)
    | st.sampled_from(WORDS)
    | st.text(max_size=4)
)
VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), inner, max_size=5)
    ),
    max_leaves=12,
)


def test_every_rule_judges_one_of_these_ids() -> None:
    for area, rule in rules().items():
        assert not rule.judges or any(rule.speaks_of(id_) for id_ in IDS), area


@pytest.mark.parametrize("id_", IDS)
@settings(max_examples=40)
@given(VALUES, VALUES)
def test_no_value_is_too_odd(id_: str, reference: JsonValue, subject: JsonValue) -> None:
    judged(id_, reference, subject)


@pytest.mark.parametrize("id_", IDS)
@settings(max_examples=40)
@given(VALUES)
def test_what_is_equal_does_not_differ(id_: str, value: JsonValue) -> None:
    assert judged(id_, value, value) == {}
