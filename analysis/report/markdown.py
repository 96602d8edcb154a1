"""The report in Markdown, as GitHub renders it, with sequence diagrams in Mermaid."""

from collections.abc import Iterable, Iterator, Sequence

from wiretape.analysis.diagnosis import Diagnosis
from wiretape.analysis.facts import Place
from wiretape.analysis.finding import Finding
from wiretape.analysis.picture import Journey, Lineage
from wiretape.analysis.report.document import (
    Block,
    Line,
    Part,
    glance,
    parts,
    subject,
    warnings,
)
from wiretape.analysis.report.escaping import block, code, mermaid, prose, sentence
from wiretape.analysis.report.families import Family
from wiretape.analysis.report.model import Report
from wiretape.analysis.report.phrases import bounds, losses, moment
from wiretape.analysis.report.pictures.matrix import Matrix
from wiretape.analysis.report.pictures.moments import moments
from wiretape.analysis.report.views import Code, Table, Word, Words
from wiretape.recorder.log.counted import counted

_PLACES = 4
_JOURNEYS, _LINEAGES, _FAMILY, _QUOTES = 80_000, 80_000, 60_000, 180_000
"""How many bytes of each there is room for: GitHub shows no more of a file than 512 KiB."""

_MARKS = {"good": "✅ ", "bad": "❌ ", "plain": "", "none": ""}


def markdown(report: Report, links: Sequence[str | None] = ()) -> str:
    """Write the report; `links` are the URLs of its recordings, where they can be linked to."""
    return "\n".join(_Writer(report, links).lines()) + "\n"


class _Writer:
    """Writes a report, whose sources give evidence its names."""

    def __init__(self, report: Report, links: Sequence[str | None]) -> None:
        self._report = report
        self._links = dict(enumerate(links))
        self._names = [source.name for source in report.sources]

    def lines(self) -> Iterator[str]:
        about = subject(self._report)
        yield "# Compatibility report" + (f": {prose(about)}" if about else "")
        yield from self._summary()
        for part in parts(self._report):
            yield from self._part(part)
        yield from self._diagnoses()
        yield from self._appendix()

    def _summary(self) -> Iterator[str]:
        yield from _heading("Summary")
        for warning in warnings(self._report):
            yield from [f"> **Warning:** {sentence(warning)}", ""]
        rows = [
            (
                code(source.name),
                moment(source.start),
                code(source.mode),
                f"{source.exchanges:,}",
                prose(", ".join(losses(source)) or "nothing"),
                prose(source.provenance or ""),
            )
            for source in self._report.sources
        ]
        columns = ("Recording", "Start (UTC)", "Mode", "Exchanges", "Missing", "Provenance")
        yield from _table(columns, rows)
        if lines := glance(self._report):
            yield ""
            yield from self._lines(lines)
        yield ""
        found = self._report.diagnoses
        yield f"**{counted(len(found), 'trouble')}** recognised" + (":" if found else ".")
        yield from (["", *(f"- {sentence(each.title)}" for each in found)] if found else [])

    def _part(self, part: Part) -> Iterator[str]:
        yield from _heading(part.title)
        yield f"*{prose(part.asks)}*"
        journeys = [[*self._journey(journey)] for journey in part.journeys]
        yield from _fitting(journeys, _JOURNEYS, "diagram")
        if part.matrix:
            yield from _heading(part.matrix.title, 3)
            yield from self._matrix(part.matrix)
        lineages = [[*self._lineage(n, lineage)] for n, lineage in enumerate(part.lineages, 1)]
        yield from _fitting(lineages, _LINEAGES, "grant")
        if part.lines:
            yield ""
            yield from self._lines(part.lines)
        for family in part.families:
            yield from _heading(family.title, 3)
            yield from [family.note, ""] if family.note else []
            yield from self._family(family)
        for each in part.blocks:
            yield from self._block(each)

    def _lines(self, lines: Iterable[Line]) -> Iterator[str]:
        rows = [(sentence(line.title), _said(line), self._evidence(line.finding)) for line in lines]
        yield from _table(("What", "Found", "Evidence"), rows)

    def _family(self, family: Family) -> Iterator[str]:
        rows = [
            (
                code(member.name),
                *map(code, member.cells),
                "<br>".join([self._evidence(member.finding), *_comments(member.finding)]),
            )
            for member in family.members
        ]
        table = _table((family.corner, *map(prose, family.columns), "Evidence"), rows)
        yield from _fitting([[row] for row in table], _FAMILY, "row")

    def _block(self, shown: Block) -> Iterator[str]:
        yield from _heading(shown.finding.title, 3)
        match shown.view:
            case Table(columns=columns, rows=rows):
                width = len(rows[0])
                names = tuple(map(prose, columns)) or ("",) * width
                yield from _table(names, [tuple(map(code, row)) for row in rows])
            case Code(text=text, cut=cut):
                yield block(f"{text}\n…" if cut else text, "json")
        yield ""
        yield "<br>".join([f"Evidence: {self._evidence(shown.finding)}", *_remarks(shown.finding)])

    def _matrix(self, matrix: Matrix) -> Iterator[str]:
        rows = [
            (
                code(row.name),
                *(
                    f"{_MARKS[cell.tone]}{prose(cell.text)}"
                    + (f"<br>{prose(cell.more)}" if cell.more else "")
                    for cell in row.cells
                ),
                "<br>".join(
                    "<br>".join([self._evidence(finding), *_comments(finding)])
                    for finding in row.findings
                ),
            )
            for row in matrix.rows
        ]
        yield from _table((prose(matrix.corner), *map(prose, matrix.columns), "Evidence"), rows)

    def _journey(self, journey: Journey) -> Iterator[str]:
        yield from _heading(f"{journey.client}, in {self._names[journey.recording]}", 3)
        yield block("\n".join(_diagram(journey)), "mermaid")
        yield ""
        first, last = journey.steps[0].place, journey.steps[-1].place
        later = f" {counted(journey.left, 'exchange')} came later." if journey.left else ""
        yield f"From {self._place(first)} to {self._place(last)}.{later}"

    def _lineage(self, number: int, lineage: Lineage) -> Iterator[str]:
        client = f" to client {code(lineage.client_id)}" if lineage.client_id else ""
        where = code(self._names[lineage.recording])
        yield from ["", f"### Tokens of grant {number}{client} in {where}", ""]
        rows = [
            (
                f"{moment.t:,.1f} s",
                code(moment.token),
                prose(moment.what),
                self._place(moment.place),
            )
            for moment in moments(lineage)
        ]
        yield from _table(("When", "Token", "What", "Evidence"), rows)
        if lineage.left:
            yield from ["", f"{counted(lineage.left, 'token answer')} more."]

    def _diagnoses(self) -> Iterator[str]:
        yield from _heading("Diagnoses")
        if not self._report.diagnoses:
            yield "No known trouble was recognised."
        for each in self._report.diagnoses:
            yield from self._diagnosis(each)

    def _diagnosis(self, diagnosis: Diagnosis) -> Iterator[str]:
        yield from _heading(diagnosis.title, 3)
        said = [
            ("Seen", sentence(diagnosis.seen)),
            ("Cause", sentence(diagnosis.cause)),
            ("Remedy", sentence(diagnosis.remedy)),
            ("Confidence", diagnosis.confidence),
            ("Requirement", prose(diagnosis.source or "")),
            ("Evidence", self._places(diagnosis.evidence, len(diagnosis.evidence))),
        ]
        yield from (f"- **{name}:** {text}" for name, text in said if text)

    def _appendix(self) -> Iterator[str]:
        yield from _heading("Appendix: the evidence")
        rows = [
            (self._place(quote.place), moment(quote.at), quote.kind, code(quote.gist))
            for quote in self._report.quotes
        ]
        yield from ["<details>", f"<summary>{counted(len(rows), 'line')}</summary>", ""]
        table = _table(("Line", "When (UTC)", "Record", "Gist"), rows)
        yield from _fitting([[row] for row in table], _QUOTES, "line")
        yield from ["", "</details>"]

    def _evidence(self, finding: Finding) -> str:
        return self._places(finding.evidence, finding.count)

    def _places(self, places: Sequence[Place], count: int) -> str:
        shown = " ".join(self._beside(places[:_PLACES]))
        return f"{shown} … {count:,} in all" if count > _PLACES else shown

    def _beside(self, places: Sequence[Place]) -> Iterator[str]:
        """Name places beside each other; of the same recording it is enough to say that once."""
        recording = None
        for place in places:
            yield self._place(place, named=place.recording != recording)
            recording = place.recording

    def _place(self, place: Place, *, named: bool = True) -> str:
        text = code(f"{self._names[place.recording] if named else ''}:{place.line}")
        link = self._links.get(place.recording)
        return text if link is None else f"[{text}]({link}#L{place.line})"


def _remarks(finding: Finding) -> Iterator[str]:
    if said := bounds(finding):
        yield f"({said})"
    yield from _comments(finding)


def _comments(finding: Finding) -> Iterator[str]:
    if finding.standing != "observed":
        yield f"*{finding.standing}*"
    if finding.note:
        yield sentence(finding.note)


def _said(line: Line) -> str:
    match line.view:
        case Word(text=text, literal=literal):
            said = code(text) if literal else f"**{prose(text)}**"
        case Words(texts=texts):
            said = ", ".join(map(code, texts))
    return "<br>".join([said, *_remarks(line.finding)])


def _diagram(journey: Journey) -> Iterator[str]:
    ids = {name: f"P{number}" for number, name in enumerate(journey.participants)}
    yield "sequenceDiagram"
    yield "    autonumber"
    for name, id_ in ids.items():
        yield f"    participant {id_} as {mermaid(name)}"
    for step in journey.steps:
        by, to = ids[step.by], ids[step.to]
        again = f" ({step.count} times)" if step.count > 1 else ""
        back = "-->>" if step.ending in {"fine", "redirected"} else "--x"
        yield f"    {by}->>{to}: {mermaid(step.asked + again)}"
        yield f"    {to}{back}{by}: {mermaid(step.answered)}"


def _fitting(pieces: Sequence[Sequence[str]], room: int, what: str) -> Iterator[str]:
    """Give as many pieces as there is room for, in bytes, and say how many more there are."""
    for number, piece in enumerate(pieces):
        room -= sum(len(line.encode()) + 1 for line in piece)
        if room < 0:
            yield from ["", f"… {counted(len(pieces) - number, what)} more in report.html"]
            return
        yield from piece


def _heading(text: str, level: int = 2) -> list[str]:
    return ["", f"{'#' * level} {sentence(text)}", ""]


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for row in (columns, ["---"] * len(columns), *rows):
        yield f"| {' | '.join(row)} |"
