"""Documents of clients, fetched for a service that needs them.

draft-ietf-oauth-client-id-metadata-document, 6: no redirects, nothing long, and no request into
networks that only this machine can reach. Loopback may be asked, because the service is there
itself. The address that was looked up and judged is the one that is asked.
"""

import asyncio
import ipaddress
import ssl
from functools import cache
from socket import SOCK_STREAM

import httpx

_MOST = 5 * 1024
"""Bytes: what the draft recommends."""

_PATIENCE = 5
"""Seconds of the wall clock for everything."""


async def fetched(url: str) -> bytes | str:
    """Fetch a document; a text tells why there is none."""
    try:
        async with asyncio.timeout(_PATIENCE):
            return await _document(httpx.URL(url))
    except TimeoutError:
        return f"did not come within {_PATIENCE} s"
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return f"cannot be fetched: {error}"


async def _document(url: httpx.URL) -> bytes | str:
    address = await _address(url)
    if address is None:
        return "is at an address that is not asked from here"
    headers = {"host": url.netloc.decode(), "accept": "application/json"}
    named = {"sni_hostname": url.host}
    at = url.copy_with(host=address)
    async with (
        httpx.AsyncClient(verify=_trust(), trust_env=False, timeout=None) as http,  # noqa: S113
        http.stream("GET", at, headers=headers, extensions=named) as answer,
    ):
        return await _read(answer)


async def _read(answer: httpx.Response) -> bytes | str:
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if answer.status_code != 200:
        return f"was answered with {answer.status_code}"
    if not (media_type.startswith("application/") and media_type.endswith("json")):
        return "is not JSON"
    found = bytearray()
    async for chunk in answer.aiter_raw():  # unpacked it could be longer than it looks
        found += chunk
        if len(found) > _MOST:
            return f"is longer than {_MOST} bytes"
    return bytes(found)


async def _address(url: httpx.URL) -> str | None:
    """Look up the address to ask; None if it is neither this machine's nor a public one."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(url.host, url.port or 443, type=SOCK_STREAM)
    addresses = [ipaddress.ip_address(sockaddr[0]) for *_, sockaddr in found]
    if all(address.is_loopback or address.is_global for address in addresses):
        return str(addresses[0])
    return None


@cache
def _trust() -> ssl.SSLContext:
    """Trust whom this machine trusts, or SSL_CERT_FILE."""
    return ssl.create_default_context()
