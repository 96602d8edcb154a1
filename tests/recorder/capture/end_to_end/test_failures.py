"""What goes wrong for the recorder does not go wrong for the traffic, and is said in one line."""

import asyncio
import os
import resource
import signal
import socket
import stat
import subprocess
from pathlib import Path

import pytest

from loopback import Ask, Origin, Recorder, Turn, recording, talk
from loopback.recorder import WIRETAPE, record_environment
from loopback.wire import chunk, event, response, stream_head
from wiretape.recorder.log.exchanges import exchanges
from wiretape.recorder.log.reader import Line, read
from wiretape.recorder.log.records import End, Gap

UNLIMITED = resource.RLIM_INFINITY
RECORDS = 3  # of an exchange that is no stream: request, response, end


def limit_files(recorder: Recorder, size: int) -> None:
    """Let the recorder write no file beyond so many bytes, as on a full disk (setrlimit(2))."""
    resource.prlimit(recorder.process.pid, resource.RLIMIT_FSIZE, (size, UNLIMITED))


async def echo(turn: Turn) -> None:
    await turn.read()
    await turn.send(response(turn.request.body, b"Content-Type: text/plain"))


async def post(recorder: Recorder, origin: Origin, number: int) -> None:
    """Post a number and hear it again."""
    body = b"%d" % number
    headers = ((b"Content-Length", b"%d" % len(body)), (b"Content-Type", b"text/plain"))
    told = await talk(Ask(b"POST", b"/%d" % number, headers, (body,)), origin, recorder.way)
    assert told.response.body == told.request.body == body


def lines(path: Path) -> list[Line]:
    with read(path) as reading:
        found = list(reading)
    assert reading.cut is None
    return found


@pytest.mark.parametrize("room", [0, 1, 100, 700])
def test_a_full_disk_costs_the_records_that_do_not_fit_and_nothing_else(
    room: int, home: Path, tmp_path: Path
) -> None:
    """With room for a part of a line that part is cut off again; later a gap says what is lost."""

    async def play(recorder: Recorder) -> None:
        async with Origin(echo) as origin:
            await post(recorder, origin, 0)
            recorder.exchange(f"{origin.url}/0")
            limit_files(recorder, recorder.path.stat().st_size + room)
            for number in range(1, 6):
                await post(recorder, origin, number)
            recorder.until(lambda: "File too large" in recorder.stderr)
            limit_files(recorder, UNLIMITED)
            await post(recorder, origin, 6)
            recorder.exchange(f"{origin.url}/6")

    with recording(home, tmp_path, exit_code=4) as recorder:
        asyncio.run(play(recorder))

    found = lines(recorder.path)
    (gap,) = (line.record for line in found if isinstance(line.record, Gap))
    assert "File too large" in gap.reason
    assert len(found) - 1 + gap.lost == 7 * RECORDS
    complete = [each.request.url[-2:] for each in exchanges(found) if each.complete]
    assert (complete[0], complete[-1]) == ("/0", "/6")
    warnings = [line for line in recorder.stderr.splitlines() if "File too large" in line]
    assert len(warnings) == 2  # when it began, and as the reason of the exit code
    assert warnings[-1].startswith("wiretape: ")


def test_a_disk_that_stays_full_leaves_what_there_was(home: Path, tmp_path: Path) -> None:
    """Not even the manifest fits; the traffic passes to the end."""

    async def play(recorder: Recorder) -> None:
        async with Origin(echo) as origin:
            await post(recorder, origin, 0)
            recorder.exchange(f"{origin.url}/0")
            limit_files(recorder, 1)
            for number in range(1, 6):
                await post(recorder, origin, number)

    with recording(home, tmp_path, exit_code=4) as recorder:
        asyncio.run(play(recorder))
    assert len(lines(recorder.path)) == RECORDS


def test_output_that_nobody_takes_any_more_is_no_failure(home: Path, tmp_path: Path) -> None:
    """As with `| head`, or when the terminal is gone."""
    command = [WIRETAPE, "record", "--out", str(tmp_path)]
    env = record_environment(home)
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as process:
        recorder = Recorder(process)
        try:
            assert process.stderr
            while not recorder.started():
                recorder.said.append(process.stderr.readline())
            process.stderr.close()

            async def play() -> None:
                async with Origin(echo) as origin:
                    for number in range(3):
                        await post(recorder, origin, number)
                        recorder.exchange(f"{origin.url}/{number}")

            asyncio.run(play())
            assert recorder.stop() == 0
        finally:
            process.kill()
    assert len(lines(recorder.path)) == 3 * RECORDS


def run(home: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [WIRETAPE, "record", *options],
        env=record_environment(home),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    (line,) = done.stderr.splitlines()
    assert line.startswith("wiretape: ")
    return line


def test_a_folder_that_cannot_be_written_to(home: Path, tmp_path: Path) -> None:
    Path(tmp_path, "file").touch()
    done = run(home, "--out", f"{tmp_path}/file/folder", "--", "echo", "started")
    assert done.returncode == 4
    assert f"{tmp_path}/file/folder" in one_line(done)
    assert done.stdout == ""


def test_a_port_in_use(home: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        done = run(home, "--out", str(tmp_path), "--listen", address, "--", "echo", "started")
    assert done.returncode == 4
    assert address in one_line(done)
    assert done.stdout == ""
    assert not [*tmp_path.iterdir()]


def test_an_address_that_is_not_ours(home: Path, tmp_path: Path) -> None:
    done = run(home, "--out", str(tmp_path), "--listen", "192.0.2.1:0")
    assert done.returncode == 4
    assert "192.0.2.1" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert not [*tmp_path.iterdir()]


def test_a_command_that_cannot_be_run(home: Path, tmp_path: Path) -> None:
    done = run(home, "--quiet", "--out", str(tmp_path), "--", "no-such-command-here")
    assert done.returncode == 2
    assert "no-such-command-here" in one_line(done)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("command", "code"), [("exit 7", 7), ("kill -TERM $$", 128 + 15), ("exit 0", 0)]
)
def test_the_exit_code_of_the_command_is_passed_on(
    command: str, code: int, home: Path, tmp_path: Path
) -> None:
    done = run(home, "--quiet", "--out", str(tmp_path), "--", "sh", "-c", f"echo hello; {command}")
    assert (done.returncode, done.stdout, done.stderr) == (code, "hello\n", "")


def test_what_is_written_is_for_the_user_only(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder"
    assert run(home, "--quiet", "--out", str(out), "--", "true").returncode == 0
    files = [*out.iterdir()]
    assert len(files) == 2  # the recording and its manifest
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (out, out.parent)} == {0o700}


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_being_stopped_is_no_failure(how: signal.Signals, home: Path, tmp_path: Path) -> None:
    """Not even in the first moment after the address was told."""
    with subprocess.Popen(
        [WIRETAPE, "record", "--out", str(tmp_path)],
        env=record_environment(home),
        stderr=subprocess.PIPE,
        text=True,
    ) as recorder:
        assert recorder.stderr
        assert recorder.stderr.readline().startswith("proxy ")
        recorder.send_signal(how)
        assert "Traceback" not in recorder.stderr.read()
    assert recorder.returncode == 0
    (path,) = tmp_path.glob("*.jsonl")
    assert lines(path) == []
    assert [*tmp_path.glob("*.redaction.json")]


def test_when_the_terminal_is_closed_the_recording_is_ended(home: Path, tmp_path: Path) -> None:
    ours, its = os.openpty()
    with subprocess.Popen(  # setsid(1) makes it the terminal's, as a login does
        ["setsid", "--ctty", WIRETAPE, "record", "--out", str(tmp_path)],
        env=record_environment(home),
        stdin=its,
        stdout=its,
        stderr=its,
    ) as process:
        try:
            os.close(its)
            said = b""
            while b"recording" not in said:
                said += os.read(ours, 4096)
            os.close(ours)
            process.wait(60)
        finally:
            process.kill()
    (path,) = tmp_path.glob("*.jsonl")
    assert lines(path) == []
    assert path.with_suffix(".redaction.json").exists()


def test_with_nohup_it_outlives_its_terminal(home: Path, tmp_path: Path) -> None:
    with subprocess.Popen(
        ["nohup", WIRETAPE, "record", "--out", str(tmp_path)],
        env=record_environment(home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        recorder = Recorder(process)
        try:
            assert process.stderr
            while not recorder.started():
                recorder.said.append(process.stderr.readline())
            process.send_signal(signal.SIGHUP)

            async def play() -> None:
                async with Origin(echo) as origin:
                    await post(recorder, origin, 0)
                    recorder.exchange(f"{origin.url}/0")

            asyncio.run(play())
            assert recorder.stop() == 0
        finally:
            process.kill()


def test_streams_that_are_open_are_ended_when_the_recorder_stops(
    home: Path, tmp_path: Path
) -> None:
    """For the client as if the server had left; the recording knows better."""

    async def script(turn: Turn) -> None:
        await turn.send(stream_head() + chunk(event(b"1")))
        await turn.reader.read()

    async def play(recorder: Recorder) -> None:
        async with Origin(script) as origin, asyncio.timeout(60):
            stream = asyncio.create_task(talk(Ask(path=b"/open"), origin, recorder.way))
            await origin.reached()
            await origin.client.reached(len(event(b"1")))
            assert await asyncio.to_thread(recorder.stop) == 0
            assert (await stream).response.ending == "cut"

    with recording(home, tmp_path) as recorder:
        asyncio.run(play(recorder))
    (exchange,) = recorder.recorded()
    assert len(exchange.events) == 1
    assert isinstance(exchange.last, End)
    assert (exchange.last.how, exchange.last.detail) == ("error", "the recorder was stopped")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_command_is_told_to_stop_and_waited_for(
    how: signal.Signals, home: Path, tmp_path: Path
) -> None:
    """An interrupt of a terminal reaches the command by itself; else it gets a SIGTERM."""
    command = "trap 'echo stopped; exit 5' TERM INT; echo ready; while :; do sleep 0.1; done"
    with subprocess.Popen(
        [WIRETAPE, "record", "--quiet", "--out", str(tmp_path), "--", "sh", "-c", command],
        env=record_environment(home),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as recorder:
        assert recorder.stdout
        assert recorder.stdout.readline() == "ready\n"
        if how == signal.SIGINT:
            os.killpg(recorder.pid, how)
        else:
            recorder.send_signal(how)
        assert recorder.stdout.read() == "stopped\n"
        assert recorder.wait(60) == 5
    assert [*tmp_path.glob("*.redaction.json")]
