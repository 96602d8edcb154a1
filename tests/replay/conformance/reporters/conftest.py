"""A browser for the tests of the page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from browser import chromium


@pytest.fixture(scope="module")  # as long as it is there, no other test can run an event loop
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started
