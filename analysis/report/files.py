"""The files of a report, with the profile of what it tells of."""

import json
from collections.abc import Iterator, Sequence

from wiretape.analysis.analyse import Analysis
from wiretape.analysis.profile.compile import evidence_of, profile_of
from wiretape.analysis.profile.toml import write
from wiretape.analysis.report.html import html
from wiretape.analysis.report.markdown import markdown
from wiretape.analysis.report.model import Report


def files(
    report: Report, analysis: Analysis, links: Sequence[str | None] = ()
) -> Iterator[tuple[str, str]]:
    """Give every file's name and text; the profile has the name of the first recording.

    `links` are the URLs of the recordings, where they can be linked to.
    """
    yield "report.json", as_json(report)
    yield "report.md", markdown(report, links)
    yield "report.html", html(report)
    profile = profile_of(analysis, analysis.sources[0].opening.name)
    yield "profile.toml", write(profile, evidence_of(analysis))


def as_json(report: Report) -> str:
    """Give the report as JSON, in which nothing could move a terminal."""
    text = json.dumps(report.model_dump(mode="json"), indent=2, ensure_ascii=False)
    return "".join(map(_safe, text.splitlines(keepends=True))) + "\n"


def _safe(line: str) -> str:
    ended = line.removesuffix("\n")
    if ended.isprintable():
        return line
    escaped = "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in ended)
    return escaped + line[len(ended) :]
