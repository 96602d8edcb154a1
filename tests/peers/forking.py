"""Python programs that are forked from a process which has imported all that they need.

To start Python takes a second where an SDK or a database is imported; here that is spent once for
each program. What is started instead gives the fork its arguments, environment, folder and files,
passes signals on to it and ends as it does; if that is killed, so is the fork with its group.

    python forking.py forks ADDRESS PROGRAM    (until standard input ends)
    python forking.py start ADDRESS [ARGUMENT …]

PROGRAM is a module or, with a slash, a script. Other environments run this: it needs Python alone.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from functools import cache

_LONGEST = 1 << 17
_PASSED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_KEPT: list[object] = []


@cache
def forked(program: str, python: str = sys.executable) -> tuple[str, ...]:
    """Give the command that starts a program; as long as this process lives, it is kept ready."""
    import secrets
    import subprocess

    from peers.processes import environment

    address = f"forks-{secrets.token_hex(16)}"
    keeping = subprocess.Popen(
        [python, __file__, "forks", address, program],
        env=environment(),
        stdin=subprocess.PIPE,  # it ends with this process
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert keeping.stdout
    assert keeping.stdout.readline() == b"ready\n", f"{program} cannot be imported"
    _KEPT.append(keeping)
    return sys.executable, "-I", "-S", __file__, "start", address


def forks(address: str, program: str) -> None:
    """Fork whenever one is started, until standard input ends."""
    sys.path[0] = os.path.dirname(program) or os.getcwd()  # noqa: PTH109, PTH120 - as Python does
    _run(program, "imported")
    with _socket() as door:
        door.bind(f"\0{address}")
        door.listen(64)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        gc.freeze()
        print("ready", flush=True)
        while sys.stdin not in select.select([sys.stdin, door], [], [])[0]:
            asked, _ = door.accept()
            if os.fork() == 0:
                break
            asked.close()
        else:
            return
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    told, files, _, _ = socket.recv_fds(asked, _LONGEST, 3)
    process = os.fork()
    if process:
        _keep(process, asked, files)
    else:
        asked.close()
        _become(program, told, files)
        _run(program, "__main__")


def _keep(process: int, asked: socket.socket, files: list[int]) -> None:
    """Tell how a process ends, and kill what is left of it when whoever started it is gone."""
    for file in files:
        os.close(file)
    with suppress(OSError):
        asked.send(str(process).encode())
        ended = os.pidfd_open(process)
        if ended in select.select([ended, asked.fileno()], [], [])[0]:
            code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
            asked.send(str(code).encode())
            asked.recv(1)
    os.killpg(0, signal.SIGKILL)


def _become(program: str, told: bytes, files: list[int]) -> None:
    arguments, env, folder = json.loads(told)
    for target, file in enumerate(files):
        os.dup2(file, target)
        os.close(file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = [program, *arguments]


def _run(program: str, name: str) -> None:
    import runpy

    if "/" in program:
        runpy.run_path(program, run_name=name)
    else:
        runpy.run_module(program, run_name=name, alter_sys=True)


def start(address: str, *arguments: str) -> None:
    """Have a fork started, and end as it does."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _PASSED_ON)  # until it is known whom to pass them to
    with _socket() as keeper:
        keeper.connect(f"\0{address}")
        told = json.dumps([arguments, dict(os.environ), os.getcwd()])  # noqa: PTH109 - pathlib is slow
        socket.send_fds(keeper, [told.encode()], [0, 1, 2])
        process = int(keeper.recv(_LONGEST))

        def pass_on(number: int, _: object) -> None:
            with suppress(ProcessLookupError):
                os.kill(process, number)

        for each in _PASSED_ON:
            signal.signal(each, pass_on)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _PASSED_ON)
        code = int(keeper.recv(_LONGEST) or -signal.SIGKILL)
    if code < 0:
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.exit(code)


def _socket() -> socket.socket:
    return socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["forks", where, what]:
            forks(where, what)
        case ["start", where, *rest]:
            start(where, *rest)
