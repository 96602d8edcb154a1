"""A real browser, as Debian ships it, without a network.

with chromium() as browser, visit(browser, path) as seen:
    assert seen.complaints == []
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, sync_playwright


@dataclass(frozen=True)
class Visit:
    """A page that was opened; `complaints` are its console's, `requests` whatever else it loads."""

    page: Page
    complaints: list[str]
    requests: list[str]


@contextmanager
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("Chromium is missing: apt-get install chromium", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visit(
    browser: Browser, path: Path, *, width: int = 1280, scheme: Literal["light", "dark"] = "light"
) -> Iterator[Visit]:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True
    )
    page = context.new_page()
    seen = Visit(page, [], [])
    page.on("console", lambda message: seen.complaints.append(message.text))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("dialog", lambda dialog: seen.complaints.append(dialog.message))
    url = path.as_uri()
    page.on("request", lambda asked: asked.url != url and seen.requests.append(asked.url))
    page.goto(url)
    try:
        yield seen
    finally:
        context.close()
