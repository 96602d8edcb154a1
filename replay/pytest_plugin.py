"""Replayed services in tests: a fixture, and a marker that says of which profile.

    @pytest.mark.wiretape("atlassian-2025-08", faults=["unauthorized:times=1"])
    def test_my_client_refreshes(wiretape_service):
        token = my_client.connect(wiretape_service.url)
        wiretape_service.clock.advance(3300)
        …

Each test has a service of its own, on its own port, with its own clock. A request that no recorded
one answers fails the test that made it.

With `--conform` files called `wiretape.toml` are collected: each check of such a target is a test.
Nothing else is imported until the fixture or that option is used.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from wiretape.replay.background import StandIn

MARK = "wiretape"
DEFAULT = "atlassian-2026-09"
"""The profile of a service that no marker describes: the official one, as it is now."""

CONFIG = "wiretape.toml"

_SERVICE: pytest.StashKey[StandIn] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    """Tell what the marker is for."""
    config.addinivalue_line(
        "markers",
        f"{MARK}(profile, faults=[…], expires_in=…, issuer=…): the service that the fixture "
        "wiretape_service replays",
    )


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what is said of conformance."""
    group = parser.getgroup("wiretape")
    group.addoption(
        "--conform",
        action="store_true",
        help="collect wiretape.toml files: each check of such a target is a test",
    )
    group.addoption(
        "--conform-out",
        metavar="DIR",
        default="conformance",
        help="where recordings and reports of --conform go (default: %(default)s)",
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the checks of a target."""
    if not parent.config.getoption("conform") or file_path.name != CONFIG:
        return None
    from wiretape.replay.pytest_checks import System

    return System.from_parent(parent, path=file_path)


@pytest.fixture
def wiretape_service(request: pytest.FixtureRequest) -> Iterator[StandIn]:
    """A replayed service: `url`, `clock`, `journal`, `arm`, `env()`; see `StandIn`."""
    from wiretape.recorder.errors import WiretapeError
    from wiretape.replay.background import replayed

    with ExitStack() as stack:
        mistake = None
        try:
            words, chosen = _chosen(request.node.get_closest_marker(MARK))
            service = stack.enter_context(replayed(*words, **chosen))
        except (TypeError, WiretapeError) as error:
            mistake = str(error)
        if mistake is not None:  # told here, where no other error is being handled
            pytest.fail(f"@pytest.mark.{MARK}: {mistake}", pytrace=False)
        request.node.stash[_SERVICE] = service
        yield service


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test whose requests nothing recorded answers; if it fails anyway, say so beside."""
    try:
        result = yield
    except Exception:
        item.add_report_section("call", MARK, "\n".join(_complaints(item)))
        raise
    complaints = _complaints(item)
    if complaints:
        pytest.fail("\n".join(complaints), pytrace=False)
    return result


def _complaints(item: pytest.Item) -> tuple[str, ...]:
    service = item.stash.get(_SERVICE, None)
    return service.complaints() if service is not None else ()


def _chosen(marker: pytest.Mark | None) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Give the arguments of `replayed`: what a service can be told is its `Choices`."""
    from wiretape.replay.service import Choices

    words = (marker.args if marker is not None else ()) or (DEFAULT,)
    said = dict(marker.kwargs) if marker is not None else {}
    told = {field.name: said.pop(field.name) for field in fields(Choices) if field.name in said}
    return words, said | {"choices": Choices(**told)}
