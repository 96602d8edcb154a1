"""Killed at any moment, a recorder leaves in its file all that it had sent on but the very last.

What is promised, precisely: whatever the recorder sent on is in the file, in whole lines, before it
looks at what comes next; only its last line may be cut. So when a response begins, its request is
recorded, and all that came before on its connection. When an event arrives that the server sent
because the one before had arrived, the one before is recorded. And nothing is there that was not
said.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import accumulate, count
from pathlib import Path

import pytest

from loopback import Ask, Origin, Turn
from loopback.http1 import read_response
from loopback.origin import Progress
from loopback.victim import Forks, Victim, forks
from loopback.wire import chunk, event, response, stream_head
from wiretape.recorder.log.exchanges import Exchange, Fold
from wiretape.recorder.log.reader import read
from wiretape.recorder.log.records import Body, Content, Gap

TESTS, KILLS, AT_ONCE = 8, 25, 3  # 200 kills, some at the same time
POSTING = 4  # connections at most
BURSTS = (1, 1, 20)  # of each stream: so many events are sent before they must have arrived
ARRIVALS = 60  # at most, where a kill comes upon one
SIZES = (0, 0, 100, 100, 100, 5_000, 5_000, 200_000)  # bytes of padding
LONGEST = 0.4  # seconds of load before a kill
JSON = b"Content-Type: application/json"


def message(number: int, size: int) -> bytes:
    return b'{"number":%d,"padding":"%b"}' % (number, b"pad " * (size // 4))


def said(content: Content | Body | None) -> bytes:
    assert content
    return content.data()


@dataclass
class Load:
    """The clients of one victim: what they said and what they had heard when it was killed."""

    number: int
    chance: random.Random
    victim: Victim
    last: int
    asked: dict[int, list[bytes]] = field(default_factory=dict)
    begun: Counter[int] = field(default_factory=Counter)
    events: dict[int, list[bytes]] = field(default_factory=dict)
    progress: dict[int, Progress] = field(default_factory=dict)

    async def run(self, origin: Origin) -> None:
        """Post and listen until the victim is dead.

        Few connections show sharply what is recorded when something arrives, many compete.
        """
        posting = self.chance.randint(0, POSTING)
        listening = self.chance.randint(0 if posting else 1, len(BURSTS))
        await asyncio.gather(
            *(self._post(connection, origin) for connection in range(posting)),
            *(self._listen(stream, origin) for stream in range(listening)),
        )

    def _arrived(self) -> None:
        """Kill the victim at the very moment when the last byte arrives that is to arrive."""
        self.last -= 1
        if self.last == 0:
            self.victim.kill()

    async def _post(self, connection: int, origin: Origin) -> None:
        asked = self.asked.setdefault(connection, [])
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            reader, writer = await self.victim.way.connect(origin)
            for number in count():
                body = message(number, self.chance.choice(SIZES))
                asked.append(body)
                path = f"/{self.number}/post/{connection}/{number}".encode()
                headers = ((b"Content-Type", b"application/json"), _length(body))
                head = Ask(b"POST", path, headers).head(
                    origin.authority, self.victim.way.target(origin, path)
                )
                writer.write(head + body)

                def begun(piece: bytes, number: int = number) -> None:
                    self.begun[connection] = number + 1
                    self._arrived()

                answer = await read_response(reader, b"POST", begun)
                if answer.ending == "cut":
                    break
                assert answer.body == body

    async def _listen(self, stream: int, origin: Origin) -> None:
        progress = self.progress[stream] = Progress()
        self.events[stream] = []
        path = f"/{self.number}/stream/{stream}".encode()
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            reader, writer = await self.victim.way.connect(origin)
            writer.write(
                Ask(path=path).head(origin.authority, self.victim.way.target(origin, path))
            )

            def grown(piece: bytes) -> None:
                progress.grow(piece)
                self._arrived()

            answer = await read_response(reader, b"GET", grown)
            assert b"".join(self.events[stream]).startswith(answer.body)

    def heard(self, stream: int) -> int:
        """Tell how many whole events had arrived."""
        ends = accumulate(len(each) for each in self.events.get(stream, ()))
        return sum(end <= self.progress[stream].size for end in ends)


class Server:
    """Answers posts with what was posted, and streams to whoever listens."""

    def __init__(self) -> None:
        self.loads: dict[int, Load] = {}

    async def __call__(self, turn: Turn) -> None:
        _, victim, kind, number, *_ = turn.request.first_line.split(b" ")[1].split(b"/")
        if kind == b"post":
            await turn.read()
            turn.keep = turn.request.ending == "length"
            turn.writer.write(response(turn.request.body, JSON))
        else:
            await self._stream(turn, self.loads[int(victim)], int(number))
        await turn.writer.drain()

    async def _stream(self, turn: Turn, load: Load, stream: int) -> None:
        """Send events in bursts, each when the one before has arrived."""
        turn.writer.write(stream_head())
        size = 0
        for number in count(1):
            each = event(message(number, load.chance.choice(SIZES)))
            load.events[stream].append(each)
            size += len(each)
            turn.writer.write(chunk(each))
            await turn.writer.drain()
            if number % BURSTS[stream] == 0:
                await load.progress[stream].reached(size)


def check(path: Path, load: Load) -> None:
    """Compare the file with what was said and what was heard."""
    fold, found = Fold(), dict[str, Exchange]()
    with read(path) as reading:
        exchanges = []
        for line in reading:
            assert not isinstance(line.record, Gap)
            if exchange := fold.add(line):
                exchanges.append(exchange)
    for exchange in (*exchanges, *fold.unfinished()):
        found[exchange.request.url.partition(f"/{load.number}/")[2]] = exchange
    assert fold.strays == 0
    for connection, bodies in load.asked.items():
        begun = load.begun[connection]
        for number, body in enumerate(bodies):
            posted = found.pop(f"post/{connection}/{number}", None)
            assert posted or number >= begun, "a request whose response had begun is lost"
            if posted is None:
                continue
            assert said(posted.request.body) == body
            assert posted.complete or number >= begun - 1, "an exchange before the last is lost"
            if posted.response is not None:
                assert said(posted.response.body) == body
    for stream, events in load.events.items():
        opened, heard = found.pop(f"stream/{stream}", None), load.heard(stream)
        recorded = opened.events if opened else ()
        before = max(heard - 1, 0) // BURSTS[stream] * BURSTS[stream]
        assert len(recorded) >= before, "an event is lost"
        assert [each.index for each in recorded] == [*range(len(recorded))]
        assert [b"data: %b\n\n" % said(each.data) for each in recorded] == events[: len(recorded)]
    assert not found, "something is recorded that was not said"


def _length(body: bytes) -> tuple[bytes, bytes]:
    return b"Content-Length", b"%d" % len(body)


@pytest.fixture(scope="module")
def forking(home: Path) -> Iterator[Forks]:
    with forks(home) as process:
        yield process


@pytest.mark.parametrize("seed", range(TESTS))
def test_a_killed_recorder_has_kept_what_it_sent_on(
    seed: int, forking: Forks, tmp_path: Path
) -> None:
    chance, server = random.Random(seed), Server()

    async def kill_one(number: int, origin: Origin, free: asyncio.Semaphore) -> None:
        async with free, asyncio.timeout(60):
            folder = tmp_path / str(number)
            folder.mkdir()
            victim = forking.victim(folder)
            await victim.started()
            last = chance.choice((0, chance.randint(1, ARRIVALS)))
            load = server.loads[number] = Load(number, chance, victim, last)
            running = asyncio.create_task(load.run(origin))
            await asyncio.wait([running], timeout=30 if last else chance.uniform(0, LONGEST))
            victim.kill()
            await running
        check(victim.path, load)

    async def play() -> None:
        free = asyncio.Semaphore(AT_ONCE)
        async with Origin(server) as origin:
            await asyncio.gather(*(kill_one(n, origin, free) for n in range(KILLS)))

    asyncio.run(play())
    begun = sum(load.begun.total() for load in server.loads.values())
    heard = sum(load.heard(stream) for load in server.loads.values() for stream in load.events)
    assert begun
    assert heard
    assert begun + heard > KILLS, "there was no load to speak of"


@pytest.mark.parametrize("seed", range(2))
def test_a_recorder_killed_while_it_starts_leaves_nothing_or_a_readable_file(
    seed: int, forking: Forks, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    for number in range(KILLS):
        folder = tmp_path / str(number)
        folder.mkdir()
        victim = forking.victim(folder)
        asyncio.run(asyncio.sleep(chance.uniform(0, 0.2)))
        victim.kill()
        for path in folder.glob("*.jsonl"):
            if path.read_bytes().endswith(b"\n"):
                with read(path) as reading:
                    assert not [*reading]
