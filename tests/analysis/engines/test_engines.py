"""Wherever recordings are folded, into however many parts they are cut: the same is concluded."""

import socket
from collections.abc import Iterator
from multiprocessing import active_children
from pathlib import Path

import pytest
from distributed import LocalCluster

from story import story
from wiretape.analysis.analyse import Analysis, Engine, analyse
from wiretape.analysis.engines import dask, local
from wiretape.recorder.errors import BadInputError, EnvironmentFaultError

FIXTURES = sorted(Path(__file__).parents[3].glob("fixtures/recordings/*.jsonl"))


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """A real cluster: a scheduler and two workers, each a process."""
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address="127.0.0.1:0",
        host="127.0.0.1",
    ) as cluster:
        yield cluster.scheduler_address


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    return [*FIXTURES, story().write(tmp_path / "story.jsonl")]


def expected(paths: list[Path]) -> Analysis:
    found = analyse(paths)
    assert len(found.findings) > 1
    assert sum(source.exchanges for source in found.sources) > 50
    return found


def on_cluster(scheduler: str | None, part_bytes: int) -> Engine:
    return lambda paths, progress: dask.fold(paths, scheduler, progress, part_bytes)


@pytest.mark.parametrize("part_bytes", [2000, 10**6])
def test_processes_conclude_the_same(paths: list[Path], part_bytes: int) -> None:
    heard: list[int] = []
    found = analyse(paths, lambda p, progress: local.fold(p, 2, progress, part_bytes), heard.append)
    assert found == expected(paths)
    assert sum(heard) == sum(path.stat().st_size for path in paths)


@pytest.mark.parametrize("part_bytes", [2000, 10**6])
def test_a_cluster_concludes_the_same(paths: list[Path], scheduler: str, part_bytes: int) -> None:
    heard: list[int] = []
    found = analyse(paths, on_cluster(scheduler, part_bytes), heard.append)
    assert found == expected(paths)
    assert sum(heard) == sum(path.stat().st_size for path in paths)


def test_a_cluster_of_this_machine_is_started_if_none_is_named(paths: list[Path]) -> None:
    assert analyse(paths, on_cluster(None, 10**6)) == expected(paths)


def test_of_two_errors_the_first_in_the_recording_is_told_even_if_it_is_found_later(
    tmp_path: Path, scheduler: str
) -> None:
    opening, *lines = FIXTURES[0].read_text().splitlines(keepends=True)
    good = opening + "".join(lines) * 400
    path = tmp_path / "bad.jsonl"
    path.write_text(good + "{}\n" * 500)
    with pytest.raises(BadInputError, match=rf"bad\.jsonl:{good.count('\n') + 1}: "):
        on_cluster(scheduler, len(good.encode()) + 1)([path], lambda _: None)


@pytest.mark.parametrize("engine", ["processes", "cluster"])
def test_what_is_no_recording_is_said_in_one_line(
    tmp_path: Path, scheduler: str, engine: str
) -> None:
    path = tmp_path / "bad.jsonl"
    good = FIXTURES[0].read_text()
    path.write_text(good + "{}\n" * 500)  # of all that is wrong the first is told
    engines: dict[str, Engine] = {
        "processes": lambda p, progress: local.fold(p, 2, progress, 2000),
        "cluster": on_cluster(scheduler, 2000),
    }
    with pytest.raises(BadInputError, match=rf"bad\.jsonl:{good.count('\n') + 1}: "):
        analyse([path], engines[engine])


def test_a_process_that_dies_is_said_in_one_line(paths: list[Path]) -> None:
    before = set(active_children())

    def kill(_read: int) -> None:
        for process in set(active_children()) - before:
            process.kill()

    with pytest.raises(EnvironmentFaultError, match=r"has died \(Killed\).*use less --jobs"):
        analyse(paths, lambda p, progress: local.fold(p, 2, progress, 2000), kill)


def test_processes_go_with_what_goes_wrong_here(paths: list[Path]) -> None:
    before = set(active_children())

    def stop(_read: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        analyse(paths, lambda p, progress: local.fold(p, 2, progress, 2000), stop)
    assert set(active_children()) <= before


def test_a_scheduler_that_is_not_there_is_said_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dask, "_CONNECTING", 1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    engine = on_cluster(f"tcp://127.0.0.1:{port}", 2000)
    with pytest.raises(EnvironmentFaultError, match=r"no Dask scheduler at tcp://127\.0\.0\.1"):
        analyse([FIXTURES[0]], engine)
