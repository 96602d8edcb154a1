import re

from markdown_it import MarkdownIt

from outcomes import hostile, mixed, report, result
from wiretape.replay.conformance.reporters.markdown import markdown


def section(text: str, name: str) -> str:
    (found,) = re.findall(rf"(?ms)^## \S+ {name}\n(.*?)(?=^## |\Z)", text)
    return str(found)


def test_the_outcome_comes_first() -> None:
    lines = markdown(mixed()).splitlines()
    assert lines[0] == "# Conformance of a bridge: failed"
    assert lines[2] == (
        "**1 fail, 1 untestable, 1 warn, 1 expected, 1 pass in 12.3 s**, against "
        "`atlassian-2026-09`, recorded in `conformance/mcp-traffic-conform.jsonl`."
    )
    passed = markdown(report(result("a.b", "pass")))
    assert passed.startswith("# Conformance of a bridge: passed\n")


def test_a_failure_is_told_in_full() -> None:
    source = "[MUST: RFC 7636, 4.6](<https://www.rfc-editor.org/rfc/rfc7636#section-4.6>)"
    assert section(markdown(mixed()), "Fail").strip().splitlines()[2:] == [
        "### `pkce.wrong-verifier` What pkce.wrong-verifier asks for",
        "",
        f"- **Requires:** {source}",
        "- **Seen:** what pkce.wrong-verifier saw",
        "- **Remedy:** How to mend pkce.wrong-verifier",
        "",
        "| Lines | Between | Exchange |",
        "|---|---|---|",
        "| 13, 14 | client → target | `POST /token authorization_code → 200` |",
        "| 15 | target → service | `POST /v1/token → no answer` |",
    ]


def test_what_is_expected_is_told_with_its_reason_and_what_passes_is_folded() -> None:
    text = markdown(mixed())
    assert (
        "| `refresh.lost` | the library cannot; see its tracker | what refresh.lost saw |"
        in section(text, "Expected")
    )
    assert "- `pkce.required` What pkce.required asks for" in section(text, "Pass")
    assert "<details><summary>1 check</summary>" in section(text, "Pass")


def test_whatever_was_recorded_stays_text() -> None:
    text = markdown(hostile())
    assert all(line.isprintable() for line in text.splitlines())
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    every = [*tokens, *(child for token in tokens for child in token.children or ())]
    raw = [token.content.strip() for token in every if token.type.startswith("html_")]
    assert raw == ["<details><summary>1 check</summary>", "</details>"]
    links = {token.attrGet("href") for token in every if token.type == "link_open"}
    assert links == {"https://www.rfc-editor.org/rfc/rfc7636#section-4.6"}
    rows = [token.type for token in tokens if token.type == "tr_open"]
    assert len(rows) == 2 * 4  # a head and one exchange in each table
