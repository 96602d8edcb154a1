"""Folds exchanges into MCP sessions: who spoke what with whom, on which grants."""

from collections.abc import Iterable

from msgspec import Raw, Struct

from wiretape.recorder.log.asks import CLIENT_INFO, PROTOCOL_VERSION, Principal
from wiretape.recorder.log.dialogue import Answered, Said, dialogue
from wiretape.recorder.log.exchanges import Exchange, header, hops
from wiretape.recorder.log.grants import Grant, grants
from wiretape.recorder.log.grouping import Group, Transport, group
from wiretape.recorder.log.jsonrpc import Failure, Malformed, Notification, Result
from wiretape.recorder.log.oauth import bearer
from wiretape.recorder.log.raw import fields, text

_SERVER_INFO = "io.modelcontextprotocol/serverInfo"


class Implementation(Struct, frozen=True):
    """What a client or a server says it is."""

    name: str
    version: str | None = None


class Session(Struct, frozen=True, kw_only=True):
    """The exchanges of one MCP session, with what was said in them.

    `number` counts from 1 in the recording. `id` is the server's: the `Mcp-Session-Id`, or of
    HTTP+SSE the first query parameter of the URL to post to. Without a `transport` it is attempts
    that led nowhere. `protocol` is the version agreed on, or what the client claimed. `calls` are
    the client's, `server_calls` the server's. `grants` are those whose tokens were used.
    """

    number: int
    id: str | None
    transport: Transport | None
    endpoint: str
    protocol: str | None
    client: Implementation | None
    server: Implementation | None
    exchanges: tuple[Exchange, ...]
    grants: tuple[Grant, ...]
    calls: tuple[Answered, ...]
    server_calls: tuple[Answered, ...]
    notifications: tuple[Said[Notification], ...]
    server_notifications: tuple[Said[Notification], ...]
    unmatched: tuple[Said[Result] | Said[Failure], ...]
    malformed: tuple[Said[Malformed], ...]


def sessions(exchanges: Iterable[Exchange]) -> tuple[Session, ...]:
    """Fold all exchanges of a recording, in any order, into its sessions."""
    everything = tuple(exchanges)
    known = grants(everything)
    holders = {issue.access_token: grant.number for grant in known for issue in grant.issues}

    def principal(exchange: Exchange) -> Principal:
        token = bearer(exchange)
        return None if token is None else holders.get(token, token)

    groups = group(hops(everything), principal)
    return tuple(
        _session(number, found, [known[holder - 1] for holder in sorted(_holders(found, holders))])
        for number, found in enumerate(groups, 1)
    )


def _holders(found: Group, holders: dict[str, int]) -> set[int]:
    tokens = {bearer(exchange) for chain in found.chains for exchange in chain}
    return {holders[token] for token in tokens if token in holders}


def _session(number: int, found: Group, used: Iterable[Grant]) -> Session:
    exchanges = sorted(
        (exchange for chain in found.chains for exchange in chain),
        key=lambda exchange: exchange.lines.request,
    )
    said = dialogue(found.chains)
    calls = tuple(item for item in said.calls if item.call.place.by == "client")
    told = said.notifications
    return Session(
        number=number,
        id=found.id,
        transport=found.transport,
        endpoint=found.endpoint,
        protocol=_protocol(calls, exchanges),
        client=_client(calls),
        server=_server(calls),
        exchanges=tuple(exchanges),
        grants=tuple(used),
        calls=calls,
        server_calls=tuple(item for item in said.calls if item.call.place.by == "server"),
        notifications=tuple(item for item in told if item.place.by == "client"),
        server_notifications=tuple(item for item in told if item.place.by == "server"),
        unmatched=said.unmatched,
        malformed=said.malformed,
    )


def _protocol(calls: Iterable[Answered], exchanges: Iterable[Exchange]) -> str | None:
    for call in calls:
        if call.call.message.method == "initialize" and (
            version := text(_result(call).get("protocolVersion"))
        ):
            return version
    claimed = (header(item.request.headers, "mcp-protocol-version") for item in exchanges)
    said = (text(_meta(call.call.message.params).get(PROTOCOL_VERSION)) for call in calls)
    return next((version for version in (*claimed, *said) if version), None)


def _client(calls: Iterable[Answered]) -> Implementation | None:
    for call in calls:
        params = call.call.message.params
        info = fields(params).get("clientInfo") or _meta(params).get(CLIENT_INFO)
        if found := _implementation(info):
            return found
    return None


def _server(calls: Iterable[Answered]) -> Implementation | None:
    for call in calls:
        result = _result(call)
        info = result.get("serverInfo") or fields(result.get("_meta")).get(_SERVER_INFO)
        if found := _implementation(info):
            return found
    return None


def _implementation(raw: Raw | None) -> Implementation | None:
    info = fields(raw)
    name = text(info.get("name"))
    return None if name is None else Implementation(name, text(info.get("version")))


def _result(call: Answered) -> dict[str, Raw]:
    answer = call.answer.message if call.answer else None
    return fields(answer.result) if isinstance(answer, Result) else {}


def _meta(params: Raw | None) -> dict[str, Raw]:
    return fields(fields(params).get("_meta"))
