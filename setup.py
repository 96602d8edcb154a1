from setuptools import find_packages, setup

# The user's top-level folders install below one name, `wiretape`, because a published
# package must not own import names as common as `replay` or `analysis`.
ROOMS = ("recorder", "analysis", "replay", "fixtures", "cli")

setup(
    package_dir={f"wiretape.{room}": room for room in ROOMS},
    packages=[
        f"wiretape.{package}"
        for room in ROOMS
        for package in (room, *(f"{room}.{sub}" for sub in find_packages(room)))
    ],
    package_data={
        **{f"wiretape.{room}": ["py.typed"] for room in ROOMS},
        "wiretape.analysis.comparison": ["templates/*"],
        "wiretape.analysis.report": ["templates/*"],
        "wiretape.replay.conformance.driving": ["drivers/*"],
        "wiretape.replay.conformance.reporters": ["templates/*"],
        "wiretape.replay.oauth": ["templates/*"],
        "wiretape.fixtures": ["py.typed", "**/*.jsonl", "**/*.toml"],
    },
)
