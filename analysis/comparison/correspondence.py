"""Which findings of two services speak of the same thing.

Those with equal ids do. Where the services differ in their transport, what is said of the endpoint
of streamable HTTP corresponds to what is said of the one where HTTP+SSE streams come from, or of
the one that its clients post to.
"""

from collections.abc import Collection, Iterable, Iterator

_FAMILIES = {"challenge", "cors", "stream"}
_STAND_INS = ("sse", "message")


def corresponding(
    reference: Collection[str], subject: Collection[str]
) -> Iterator[tuple[str | None, str | None]]:
    """Pair the ids of both sides' findings; one that nothing corresponds to stands alone."""
    differ = _speaks(reference, "mcp") != _speaks(subject, "mcp")
    paired = set[str]()
    for id_ in reference:
        other = _counterpart(id_, subject, differ=differ)
        if other is not None:
            paired.add(other)
        yield id_, other
    for id_ in subject:
        if id_ not in paired:
            yield _counterpart(id_, reference, differ=differ), id_


def _counterpart(id_: str, others: Collection[str], *, differ: bool) -> str | None:
    candidates = [id_, *_elsewhere(id_)] if differ else [id_]
    return next((other for other in candidates if other in others), None)


def _speaks(ids: Iterable[str], role: str) -> bool:
    return any(_role(id_) == role for id_ in ids)


def _role(id_: str) -> str | None:
    family, _, rest = id_.partition(".")
    return rest.partition(".")[0] if family in _FAMILIES else None


def _elsewhere(id_: str) -> Iterator[str]:
    """Give the ids that say the same of an endpoint of the other transport, the likeliest first."""
    role = _role(id_)
    family, _, rest = id_.partition(".")
    what = rest.partition(".")[2]
    if role == "mcp":
        yield from (f"{family}.{other}.{what}" for other in _STAND_INS)
    elif role in _STAND_INS:
        yield f"{family}.mcp.{what}"
