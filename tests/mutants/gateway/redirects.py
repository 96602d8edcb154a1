"""Redirects of the service."""

from typing import Any

from mcp.shared import _httpx_utils

from mutants.mistake import mistake, replace


def _following(rule: Any) -> None:
    """Follow redirects by another rule: it gives the next request, or None."""
    replace(_httpx_utils, "next_request_within_origin", rule)


def _here(response: Any) -> bool:
    sent, led = response.request.url, response.next_request.url
    return (sent.scheme, sent.host, sent.port) == (led.scheme, led.host, led.port)


@mistake(fails="redirects.same-origin", production="trailing-slash")
def no_redirect_is_followed() -> None:
    """A redirect is a failure, also one for a slash more."""
    _following(lambda response: None)


@mistake(fails="redirects.method")
def any_status_is_followed() -> None:
    """Redirects within the origin are followed whatever their status is: a POST becomes a GET."""
    _following(
        lambda response: (
            response.next_request if response.next_request and _here(response) else None
        )
    )


@mistake(fails="redirects.token", also=("redirects.downgrade",))
def any_origin_is_followed() -> None:
    """Redirects that keep the method are followed wherever they lead, with the token."""
    _following(
        lambda response: response.next_request if response.status_code in {307, 308} else None
    )


@mistake(fails="redirects.downgrade", production="trailing-slash")
def http_is_as_good_as_https() -> None:
    """Redirects that keep the method are followed to the same host and port, by any scheme."""

    def followed(response: Any) -> Any:
        if response.status_code not in {307, 308}:
            return None
        sent, led = response.request.url, response.next_request.url
        return response.next_request if (sent.host, sent.port) == (led.host, led.port) else None

    _following(followed)
