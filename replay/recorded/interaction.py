"""What is kept of a recorded call: its answer, ready to be sent, and what was said besides."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from wiretape.replay.http.messages import encoded
from wiretape.replay.recorded.normal import Params
from wiretape.replay.recorded.template import Template

_NAMES = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
USES = frozenset(_NAMES)
"""The methods that use something by its name."""


@dataclass(frozen=True, slots=True)
class Aside:
    """What the server said besides the answer: a notification, the progress of the call, or a call.

    `params` is JSON, of progress without its token; None: there were none. It came `after` seconds
    after the client's call, on the stream of the answer or on that of the `session`; `last`: after
    the answer. A server's call was answered `until` seconds after the client's.
    """

    kind: Literal["note", "progress", "call"]
    method: str
    params: bytes | None
    after: float
    session: bool
    last: bool
    until: float | None = None


@dataclass(frozen=True)
class Interaction:
    """A client's call that was answered; `place` is the line of the recording where it was asked.

    `number` and `session` count from 0 through all recordings. `said` is the member of the answer,
    `result` or `error`, that has `value` as its JSON; it came after `latency` seconds.
    """

    number: int
    place: str
    session: int
    method: str
    name: str | None
    params: Params
    status: int
    said: Literal["result", "error"]
    value: bytes
    latency: float
    asides: tuple[Aside, ...] = ()

    def answer(self, rpc_id: Any) -> bytes:
        """Give the answer to a request with that id."""
        return b'{"jsonrpc":"2.0","id":%b%b' % (id_of(rpc_id), self._tail)

    def answer_like(self, rpc_id: Any, params: Params) -> bytes:
        """Give the answer to a request with other parameters, which it echoes."""
        value = self._template.filled(params)
        return b'{"jsonrpc":"2.0","id":%b,"%b":%b}' % (id_of(rpc_id), self.said.encode(), value)

    def asides_like(self, params: Params) -> tuple[Aside, ...]:
        """Give what was said besides, as to a request with other parameters, which it echoes."""
        return tuple(
            each
            if each.params is None
            else replace(each, params=Template.of(each.params, self.params).filled(params))
            for each in self.asides
        )

    @cached_property
    def _tail(self) -> bytes:
        return b',"%b":%b}' % (self.said.encode(), self.value)

    @cached_property
    def _template(self) -> Template:
        return Template.of(self.value, self.params)


def id_of(rpc_id: Any) -> bytes:
    """Write the id of a request."""
    return b"%d" % rpc_id if type(rpc_id) is int else encoded(rpc_id)


def name_of(method: str, params: Params) -> str | None:
    """Tell what a request uses: the tool, the resource, the prompt."""
    name = params.get(_NAMES.get(method, ""))
    return name if isinstance(name, str) else None


def members(params: Any) -> Params:
    """Give parameters by name; none, or a list of them, are as good as an empty object."""
    return params if isinstance(params, dict) else {}
