"""The journal: what a service received, from whom, and what became of it.

An entry holds no secrets: of a token it says what the control API calls it, of URLs the path.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

KEPT = 10_000
"""Entries, unless told otherwise."""


@dataclass(frozen=True)
class Miss:
    """A request that no recorded one answers: the nearest, and where it differs (RFC 6901).

    `nearest` is the line of a recording. `wanted` and `got` are JSON, redacted; absent: nothing.
    """

    asked: str
    nearest: str | None = None
    pointer: str | None = None
    wanted: str | None = None
    got: str | None = None


@dataclass(slots=True)
class Entry:
    """A request and its answer; `at` in seconds since 1970 by the service's clock.

    `operation` is the method of a JSON-RPC message or the grant type at the token endpoint, `user`
    whose token came with it, `lineage` of which grant, `token_id` which one, `token` what it was
    worth. Where a call names a site, `site` is `good`, or `no site` or `foreign site`. `matched`
    tells where the answer is from, `faults` what was done to it.
    """

    number: int
    at: float
    method: str
    url: str
    role: str
    operation: str = ""
    rpc_id: str | int | None = None
    user: str | None = None
    lineage: int | None = None
    token_id: str | None = None
    token: str | None = None
    session: int | None = None
    site: str | None = None
    matched: str | None = None
    miss: Miss | None = None
    faults: list[str] = field(default_factory=list)
    status: int | None = None


class Journal:
    """The newest entries, oldest first; counts go on when entries are dropped.

    `told` is called with every miss.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self.told: Callable[[Miss], object] = lambda _: None
        self._entries: deque[Entry] = deque(maxlen=kept)
        self._count = self._forgotten = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries))

    @property
    def dropped(self) -> int:
        """How many entries are not kept any more."""
        return self._count - self._forgotten - len(self._entries)

    def begin(self, at: float, method: str, url: str, role: str) -> Entry:
        """Enter a request; what becomes of it is filled in as it is known."""
        self._count += 1
        entry = Entry(self._count, at, method, url, role)
        self._entries.append(entry)
        return entry

    def missed(self, entry: Entry, miss: Miss) -> None:
        """Enter that nothing recorded answers a request, and tell whoever listens."""
        entry.miss = miss
        self.told(miss)

    def clear(self) -> None:
        """Forget the entries; numbers go on."""
        self._entries.clear()
        self._forgotten = self._count

    @property
    def misses(self) -> tuple[Entry, ...]:
        """The requests that nothing recorded answers."""
        return tuple(entry for entry in self if entry.miss is not None)
