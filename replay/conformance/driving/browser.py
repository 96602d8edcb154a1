"""A browser by hand: it follows redirects, keeps cookies, and consents where it is asked to."""

from collections.abc import Collection
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx

from wiretape.replay.conformance.stage import StuckError

_REDIRECTS = {301, 302, 303, 307, 308}
_MOST = 12
_APPROVING = ("allow", "approve", "accept", "authorize", "authorise", "continue", "yes", "consent")


async def browsed(http: httpx.AsyncClient, answer: httpx.Response, callback: str) -> dict[str, str]:
    """Go on from an answer until the callback is to be opened; gives that URL's query.

    Raises StuckError where a page is neither a redirect nor a form.
    """
    at = await landed(http, answer, {callback})
    return dict(parse_qsl(urlsplit(at).query, keep_blank_values=True))


async def landed(http: httpx.AsyncClient, answer: httpx.Response, ends: Collection[str]) -> str:
    """Go on from an answer until one of the URLs where it `ends` is to be opened; gives it whole.

    Raises StuckError where a page is neither a redirect nor a form.
    """
    for _ in range(_MOST):
        if answer.status_code in _REDIRECTS and "location" in answer.headers:
            at = urljoin(str(answer.url), answer.headers["location"])
            if at.partition("?")[0] in ends:
                return at
            answer = await http.get(at)
            continue
        form = _form(answer)
        if form is None:
            break
        at = urljoin(str(answer.url), form.action or str(answer.url))
        if form.method == "post":
            answer = await http.post(at, data=form.fields)
        else:
            answer = await http.get(at, params=form.fields)
    raise StuckError(
        f"the browser is stuck at {answer.url.copy_with(query=None)}: {answer.status_code}"
    )


class _Form(HTMLParser):
    """The first form of a page, filled in as it comes, and its button that says yes."""

    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None
        self.method = "get"
        self.fields: dict[str, str] = {}
        self.found = self._over = False
        self._buttons: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and not self.found:
            self.found = True
            self.action, self.method = given.get("action"), given.get("method", "get").lower()
        if not self.found or self._over or "name" not in given:
            return
        kind = given.get("type", "submit" if tag == "button" else "text").lower()
        pair = given["name"], given.get("value", "")
        if kind == "submit":
            self._buttons.append(pair)
        elif tag == "input" and (kind not in {"checkbox", "radio"} or "checked" in given):
            self.fields[pair[0]] = pair[1]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self.found and not self._over:
            self._over = True
            self._press()

    def _press(self) -> None:
        def willing(pair: tuple[str, str]) -> bool:
            return any(word in "=".join(pair).lower() for word in _APPROVING)

        button = next(filter(willing, self._buttons), next(iter(self._buttons), None))
        if button is not None:
            self.fields[button[0]] = button[1]


def _form(answer: httpx.Response) -> _Form | None:
    if "html" not in answer.headers.get("content-type", ""):
        return None
    form = _Form()
    form.feed(answer.text)
    return form if form.found else None
