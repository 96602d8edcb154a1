"""A browser as a program, for clients that open the one which `BROWSER` names.

Its user consents to everything. It keeps cookies and follows redirects, the last of which leads to
the client's own page. That may be there only after the browser was started, so the program returns
at once and tries until it is.
"""

import os
import sys
import urllib.error
import urllib.request
from threading import Event
from urllib.parse import urljoin

_SECONDS = 30
_PAUSE = 0.02
_TRIES = 1500


class _Still(urllib.request.HTTPRedirectHandler):
    """Leaves redirects to whoever asks."""

    def redirect_request(self, *_: object) -> None:
        return None


def opened(url: str) -> None:
    """Open a page and those it leads to, each as soon as somebody serves it."""
    jar = urllib.request.HTTPCookieProcessor()
    direct = urllib.request.ProxyHandler({})
    browser = urllib.request.build_opener(direct, jar, _Still())
    for _ in range(_TRIES):
        try:
            browser.open(url, timeout=_SECONDS).close()
        except urllib.error.HTTPError as answer:
            if answer.code not in {301, 302, 303, 307, 308} or "location" not in answer.headers:
                return
            url = urljoin(url, answer.headers["location"])
        except OSError:
            Event().wait(_PAUSE)  # nobody serves it yet
        else:
            return


def main() -> None:
    """Open the page that the command line names, in a process of its own."""
    if os.fork() == 0:
        opened(sys.argv[1])
