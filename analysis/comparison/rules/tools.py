"""Tools, resources and prompts: whether what was called can still be called as it was."""

from collections.abc import Iterator

from pydantic import JsonValue

from wiretape.analysis.comparison.rule import Judgement, Pair, Rule, Severity
from wiretape.analysis.comparison.values import alike, listed, member, members, missing, texts
from wiretape.analysis.finding import Finding

_TOOL = "tools.tool."
_SPECIFICATION = "MCP 2025-03-26, Server features: "


def _judge(reference: Finding, subject: Finding, pair: Pair) -> Iterator[Judgement]:
    before, after = reference.value, subject.value
    if pair.id.startswith(_TOOL):
        yield from _tool(pair.id.removeprefix(_TOOL), before, after)
    elif pair.id.endswith(".list"):
        yield from _list(pair.id.removesuffix(".list"), texts(before), texts(after))
    elif pair.id.endswith(".paged") and before is False and after is True:
        yield Judgement(
            id=pair.id,
            severity="risky",
            title=f"The list of {pair.id.removesuffix('.paged')} comes in pages",
            why="Clients that do not ask for the next page see only the first.",
            remedy="Answer with everything at once, without nextCursor.",
        )


def _list(what: str, before: list[str], after: list[str]) -> Iterator[Judgement]:
    lost, more = missing(before, after), missing(after, before)
    if lost:
        yield Judgement(
            id=f"{what}.missing",
            severity="risky",
            title=f"Missing {what}, {len(lost)} of {len(before)}: {listed(lost, 4)}",
            why="Prompts, allow lists and agents that name them no longer work; clients that ask "
            "what there is do without.",
            remedy="Offer them under the same names.",
            requirement=_SPECIFICATION + what.partition(".")[0],
            clients=("VS Code", "Claude"),
        )
    if more:
        yield Judgement(
            id=f"{what}.more",
            severity="cosmetic",
            title=f"More {what} than the reference has: {listed(more, 4)}",
            why="Clients offer them as well.",
            remedy="None is needed.",
        )


def _tool(name: str, before: JsonValue, after: JsonValue) -> Iterator[Judgement]:
    had, has = member(before, "input"), member(after, "input")
    needed = missing(texts(member(has, "required")), texts(member(had, "required")))
    if needed:
        yield _changed(name, "breaking", f"needs {listed(needed)}", "Calls as before are refused.")
    properties, others = members(member(had, "properties")), members(member(has, "properties"))
    if lost := missing(properties, others) if has is not None else []:
        yield _changed(name, "risky", f"takes no {listed(lost)}", "What was passed is not heeded.")
    retyped = [
        each
        for each in properties.keys() & others.keys()
        if member(properties[each], "type") != member(others[each], "type")
    ]
    if retyped:
        what = f"takes another type of {listed(sorted(retyped))}"
        yield _changed(name, "risky", what, "Values as before may be refused.")
    if not needed and not lost and not retyped and not alike(_wording(before), _wording(after)):
        yield Judgement(
            id="tools.wording",
            severity="cosmetic",
            title="Tools are described in other words",
            why="Models may choose them for other questions.",
            remedy="Take over the descriptions.",
        )


def _changed(name: str, severity: Severity, what: str, why: str) -> Judgement:
    return Judgement(
        id=f"tools.tool.{name}",
        severity=severity,
        title=f"The tool {name} {what}",
        why=why,
        remedy="Keep inputSchema as it is; make what is new optional.",
        requirement=f"{_SPECIFICATION}tools",
    )


def _wording(value: JsonValue) -> JsonValue:
    """Give what models read; `more` is what vendors add for programs."""
    found = members(value)
    return {name: found[name] for name in found if name not in {"input", "output", "more"}}


RULE = Rule(
    title="Tools, resources and prompts",
    gives=(
        "prompts.missing",
        "prompts.more",
        "prompts.paged",
        "resources.*",
        "tools.missing",
        "tools.more",
        "tools.paged",
        "tools.tool.*",
        "tools.wording",
    ),
    judges=("tools.*", "resources.*", "prompts.*"),
    judge=_judge,
    tolerates=("*.changed", "*.unknown", "tools.calls"),
)
