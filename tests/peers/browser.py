#!/usr/bin/env python3
"""A browser whose user always consents, for clients that open the one that `BROWSER` names.

    BROWSER=…/browser.py

It follows redirects, the last of which leads to the client's own page. That page may be there
only after the browser was started, so this program returns at once and tries until it is there.
"""

import os
import sys
import time
import urllib.error
import urllib.request
from http.client import HTTPConnection
from urllib.parse import urljoin, urlsplit

PATIENCE_SECONDS = 30


def redirected(url: str) -> str:
    """Ask for a page and give where it leads."""
    at = urlsplit(url)
    asked = HTTPConnection(at.netloc, timeout=PATIENCE_SECONDS)
    asked.request("GET", f"{at.path}?{at.query}")
    return asked.getresponse().headers["location"]


class _Still(urllib.request.HTTPRedirectHandler):
    """Leaves redirects to whoever asks."""

    def redirect_request(self, *_: object) -> None:
        return None


def land(url: str) -> None:
    """Open a page, and those it leads to, each as soon as somebody serves it; keeps cookies."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(), _Still())
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            opener.open(url, timeout=PATIENCE_SECONDS).close()
        except urllib.error.HTTPError as answer:
            if answer.code not in {301, 302, 303, 307, 308}:
                return
            url = urljoin(url, answer.headers["location"])
        except urllib.error.URLError:
            time.sleep(0.02)
        else:
            return


if __name__ == "__main__" and not os.fork():
    land(sys.argv[1])
