import json
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator

from walked import WIRETAPE
from wiretape.recorder.log.exchanges import exchanges
from wiretape.recorder.log.reader import read
from wiretape.recorder.log.records import AnyRecord, Request
from wiretape.recorder.log.schema import json_schema
from wiretape.recorder.log.sessions import sessions

ROOT = Path(__file__).parents[2]


def generate(path: Path, size: str, seed: int = 1) -> str:
    command = [sys.executable, "-m", "benchmarks.generated", str(path)]
    options = ["--size", size, "--seed", str(seed)]
    return subprocess.run(
        [*command, *options], cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE
    ).stdout


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    path = tmp_path_factory.mktemp("made") / "made.jsonl"
    return path, generate(path, "4MB")


def test_it_is_as_large_as_asked_and_says_what_it_holds(made: tuple[Path, str]):
    path, said = made
    assert 4_000_000 <= path.stat().st_size < 6_000_000
    assert f"{path.stat().st_size} bytes" in said
    with read(path) as recording:
        found = Counter(type(line.record).__name__ for line in recording)
    assert found["Request"] == found["End"] + found["Error"]
    for name, number in found.items():
        assert f"{number} {name}\n" in said


def test_it_is_sound_and_holds_no_secret(made: tuple[Path, str]):
    command = [WIRETAPE, "check", str(made[0])]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
    assert "0 findings, 0 warnings" in checked.stderr


def test_its_lines_are_those_that_the_recorder_writes(made: tuple[Path, str]):
    valid = Draft202012Validator(json.loads(json_schema()))
    for number, line in enumerate(made[0].read_bytes().splitlines()):
        assert msgspec.json.encode(msgspec.json.decode(line, type=AnyRecord)) == line
        if number % 50 == 0:
            valid.validate(json.loads(line))


def test_the_same_seed_makes_the_same_recording(tmp_path: Path):
    a, b, other = (tmp_path / name for name in "abc")
    for path, seed in ((a, 1), (b, 1), (other, 2)):
        generate(path, "100kB", seed)
    assert a.read_bytes() == b.read_bytes()
    assert a.read_bytes() != other.read_bytes()


def test_many_users_live_at_once_through_all_of_a_service(tmp_path: Path):
    path = tmp_path / "r.jsonl"
    generate(path, "40MB")
    with read(path) as recording:
        everything = tuple(exchanges(recording))
    statuses = Counter(exchange.status for exchange in everything)
    assert {200, 201, 202, 204, 302, 307, 401, 404, 405, 429, 502, None} <= statuses.keys()
    assert {exchange.request.method for exchange in everything} == {
        *("GET", "POST", "OPTIONS", "DELETE")
    }
    requests = [exchange.request for exchange in everything]
    changes = sum(a.connection != b.connection for a, b in pairwise(requests))
    assert changes > len(requests) / 2

    found = sessions(everything)
    assert {session.transport for session in found} >= {"streamable", "sse"}
    answered = [call.answer is not None for session in found for call in session.calls]
    assert sum(answered) > 0.95 * len(answered)
    assert sum(len(call.progress) for session in found for call in session.calls) > 100
    assert any(len(grant.issues) > 1 for session in found for grant in session.grants)


def test_times_pass_as_the_numbers_of_requests_go_up(made: tuple[Path, str]):
    with read(made[0]) as recording:
        records = [line.record for line in recording]
    assert [record.t for record in records] == sorted(record.t for record in records)
    numbers = [record.exchange for record in records if isinstance(record, Request)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_size_that_is_none_is_refused():
    command = [sys.executable, "-m", "benchmarks.generated", "r.jsonl", "--size", "1 lorry"]
    refused = subprocess.run(command, cwd=ROOT, check=False, text=True, capture_output=True)
    assert refused.returncode == 2
    assert "not a size: '1 lorry'; say for example" in refused.stderr
