"""The wheel holds every file of the rooms: what imports here is there for its users, too."""

import os
import shutil
import subprocess
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("recorder", "analysis", "replay", "fixtures", "cli")
SHIPPED = (".py", ".typed", ".jsonl", ".toml", ".html", ".css", ".mjs")


def test_the_wheel_is_what_is_on_disk(tmp_path: Path):
    uv = os.environ.get("UV") or shutil.which("uv")
    assert uv, "uv is needed to build the wheel"
    source = tmp_path / "source"  # setuptools leaves its build beside the sources
    wanted = ("pyproject.toml", "setup.py", "README.md", "LICENSE", *ROOMS)
    for name in wanted:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        source.mkdir(exist_ok=True)
        copy(ROOT / name, source / name)
    subprocess.run(
        [uv, "build", "--wheel", "--quiet", "--out-dir", str(tmp_path), str(source)], check=True
    )
    (wheel,) = tmp_path.glob("*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("wiretape/")}
    on_disk = {
        f"wiretape/{path.relative_to(ROOT).as_posix()}"
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.suffix in SHIPPED
    }
    assert packed == on_disk
