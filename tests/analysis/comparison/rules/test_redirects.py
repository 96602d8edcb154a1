from typing import Any

from comparing import compared, ids, judged
from peers.processes import ROOT
from wiretape.analysis.comparison.rule import rules

AT = "redirect./mcp"
REDIRECTS = ROOT / "fixtures/recordings/redirects.jsonl"


def redirect(**changed: Any) -> dict[str, Any]:
    return {
        "status": 307,
        "to": "http://…/mcp/",
        "scheme_downgrade": False,
        "method_changed": False,
        "authorization": "kept",
    } | changed


def test_what_is_lost_on_the_way() -> None:
    assert judged(AT, redirect(), redirect(scheme_downgrade=True)) == {
        "redirect.downgrade": "breaking"
    }
    changed = redirect(method_changed=True, status=302)
    assert judged(AT, redirect(), changed) == {"redirect.method": "breaking"}
    for fault in ("dropped", "leaked"):
        found = judged(AT, redirect(), redirect(authorization=fault))
        assert found == {f"redirect.authorization-{fault}": "risky"}
    assert judged(AT, redirect(scheme_downgrade=True), redirect()) == {}
    assert judged(AT, redirect(), redirect(status=308, to="/v1")) == {}


def test_a_status_that_keeps_the_method_is_not_blamed_for_its_change() -> None:
    for status in (307, 308):
        changed = redirect(method_changed=True, status=status)
        assert judged(AT, redirect(), changed) == {"redirect.method-by-client": "risky"}


def test_a_redirect_to_a_client_on_this_machine_is_none_to_http() -> None:
    to_client = redirect(scheme_downgrade=True, to="http://localhost:8765/callback")
    assert judged(AT, redirect(), to_client) == {}


def test_it_counts_also_where_the_reference_redirects_nothing() -> None:
    found = compared(ROOT / "fixtures/recordings/oauth-streamable.jsonl", REDIRECTS)
    assert ids(found, "breaking") >= {"redirect.downgrade", "redirect.method"}
    assert rules()["redirects"].alone is not None


def test_it_does_not_count_where_the_reference_does_the_same_elsewhere() -> None:
    assert compared(REDIRECTS, REDIRECTS).differences == ()
