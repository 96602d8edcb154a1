#!/usr/bin/env python3
"""A browser whose user always consents, for clients that open the one that `BROWSER` names.

    BROWSER=…/browser.py

It follows the authorization server's redirect to the client's own page. That page may be there
only after the browser was started, so this program returns at once and tries until it is there.
"""

import os
import sys
import time
import urllib.error
import urllib.request
from http.client import HTTPConnection
from urllib.parse import urlsplit

PATIENCE_SECONDS = 30


def redirected(url: str) -> str:
    """Ask for a page and give where it leads."""
    at = urlsplit(url)
    asked = HTTPConnection(at.netloc, timeout=PATIENCE_SECONDS)
    asked.request("GET", f"{at.path}?{at.query}")
    return asked.getresponse().headers["location"]


def land(url: str) -> None:
    """Open a page as soon as somebody serves it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=PATIENCE_SECONDS).close()
        except urllib.error.URLError:
            time.sleep(0.02)
        else:
            return


if __name__ == "__main__" and not os.fork():
    land(redirected(sys.argv[1]))
