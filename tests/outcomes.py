"""Reports on conformance runs, made by hand: one result of each standing, and hostile ones."""

from typing import Any

from wiretape.replay.conformance.report import Report, Result, Shown
from wiretape.replay.conformance.verdict import Outcome

HOSTILE = (
    "</script><script>alert(1)</script>]]>&\x1b[31m\x00\u202e\r\n::error::x | `a` <b>%0A\uffff"
)
"""What would hurt in XML, HTML, Markdown, a terminal, or a workflow's log."""

SHOWN = (
    Shown(
        by="client",
        to="target",
        asked="POST /token authorization_code",
        answered="200",
        step="a wrong verifier",
        lines=(13, 14),
    ),
    Shown(by="target", to="service", asked="POST /v1/token", answered="no answer", lines=(15,)),
)


def result(id_: str, outcome: Outcome, **other: Any) -> Result:
    told: dict[str, Any] = {
        "family": id_.partition(".")[0],
        "about": f"About {id_.partition('.')[0]}",
        "title": f"What {id_} asks for",
        "severity": "MUST",
        "source": "RFC 7636, 4.6",
        "url": "https://www.rfc-editor.org/rfc/rfc7636#section-4.6",
        "seen": f"what {id_} saw",
        "lines": (13, 14, 15),
        "shown": SHOWN,
        "remedy": f"How to mend {id_}",
    }
    return Result(id=id_, outcome=outcome, **(told | other))


def report(*results: Result, **other: Any) -> Report:
    told: dict[str, Any] = {
        "wiretape": "1.2.3",
        "target": "bridge",
        "profile": "atlassian-2026-09",
        "config": "examples/bridge/wiretape.toml",
        "recording": "conformance/mcp-traffic-conform.jsonl",
        "seconds": 12.34,
    }
    return Report(results=results, **(told | other))


def mixed(**other: Any) -> Report:
    """One result of each standing."""
    return report(
        result("pkce.required", "pass"),
        result("pkce.wrong-verifier", "fail"),
        result("cors.exposed", "warn", severity="SHOULD"),
        result("restart.kept", "untestable", lines=(), shown=()),
        result("refresh.lost", "fail", expected="the library cannot; see its tracker"),
        **other,
    )


def hostile() -> Report:
    """Everything that can come from a recording, or from a file, means harm."""
    shown = Shown(
        by="client", to="target", asked=HOSTILE, answered=HOSTILE, step=HOSTILE, lines=(1,)
    )
    told = {"seen": HOSTILE, "shown": (shown,), "lines": (1,)}
    return report(
        result("a.fails", "fail", **told),
        result("a.warns", "warn", **told),
        result("b.untestable", "untestable", **told),
        result("b.expected", "fail", expected=HOSTILE, **told),
        result("b.passes", "pass", **told),
        stale=("b.passes", HOSTILE),
        recording=HOSTILE,
        config=None,
    )
