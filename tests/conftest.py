"""What holds for all tests, whatever machine and shell run them.

No generated example is too slow. The tests that may take longest are run first, so that none of
them is what all others wait for in the end. A terminal's hang-up is not ignored, as it is below
nohup: the processes that tests start inherit that.
"""

import signal

import pytest
from hypothesis import settings

settings.register_profile("wiretape", deadline=None)
settings.load_profile("wiretape")

signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_patience, reverse=True)


def _patience(item: pytest.Item) -> float:
    """Give the seconds that a test may take, if it says so and these are more than usual."""
    marker = item.get_closest_marker("timeout")
    usual = float(item.config.getini("timeout"))
    return max(float(marker.args[0]), usual) if marker is not None else usual
