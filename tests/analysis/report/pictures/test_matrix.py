from typing import Any

from wiretape.analysis.finding import Finding
from wiretape.analysis.report.pictures.matrix import Cell, of_challenges, of_cors

UNSEEN = Cell("-", "none")


def finding(id_: str, value: Any) -> Finding:
    return Finding(id=id_, title=id_, value=value)


def refusal(*challenges: Any, status: int = 401, body: str = "oauth-json") -> Any:
    return {"status": status, "challenges": list(challenges), "body_form": body}


def test_a_browser_s_rights_by_route() -> None:
    rights = {
        "may_call": True,
        "may_use": ["GET", "POST"],
        "may_send": ["Content-Type", "Mcp-Session-Id"],
        "may_read": [],
    }
    matrix = of_cors([finding("cors.sse.browser", rights), finding("cors.sse.actual", {})])
    assert matrix is not None
    (row,) = matrix.rows
    assert row.name == "sse"
    assert dict(zip(matrix.columns, row.cells, strict=True)) == {
        "call": Cell("yes", "good", "GET, POST"),
        "send Authorization": Cell("no", "bad"),
        "send Content-Type": Cell("yes", "good"),
        "send Mcp-Session-Id": Cell("yes", "good"),
        "send Mcp-Protocol-Version": Cell("no", "bad"),
        "read Mcp-Session-Id": Cell("no", "bad"),
        "read WWW-Authenticate": Cell("no", "bad"),
    }


def test_what_was_not_seen_is_neither_allowed_nor_forbidden() -> None:
    nothing = {"may_call": None, "may_use": None, "may_send": None, "may_read": None}
    matrix = of_cors([finding("cors.token.browser", nothing)])
    assert matrix is not None
    assert set(matrix.rows[0].cells) == {UNSEEN}


def test_refusals_by_request_and_by_what_is_wrong_with_the_token() -> None:
    bearer = {"scheme": "Bearer", "params": {"realm": "OAuth", "error": "invalid_token"}}
    found = [
        finding("challenge.mcp.POST.no token", refusal(bearer)),
        finding("challenge.mcp.POST.expired token", refusal(body="empty")),
        finding("challenge.server-metadata.GET.bad token", refusal(status=200)),
    ]
    matrix = of_challenges(found)
    assert matrix is not None
    metadata, mcp = matrix.rows
    assert (mcp.name, metadata.name) == ("POST mcp", "GET server-metadata")
    assert mcp.cells == (
        Cell("401", "good", "Bearer invalid_token; body: oauth-json"),
        UNSEEN,
        UNSEEN,
        Cell("401", "bad", "no challenge; body: empty"),
    )
    assert metadata.cells[2].tone == "bad"
    assert [each.id for each in mcp.findings] == [found[0].id, found[1].id]


def test_rarer_refusals_have_a_column_where_one_was_seen() -> None:
    matrix = of_challenges(
        [
            finding("challenge.mcp.GET.no token", refusal()),
            finding("challenge.mcp.POST.superseded token", refusal()),
        ]
    )
    assert matrix is not None
    assert matrix.columns[3:] == ("expired token", "superseded token")
    assert [row.cells[-1] == UNSEEN for row in matrix.rows] == [True, False]


def test_nothing_seen_is_no_matrix() -> None:
    assert of_cors([]) is None
    assert of_challenges([finding("challenge.mcp.POST.other", refusal())]) is None
