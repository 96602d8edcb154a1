"""Nothing answers, always or at times: the name does not resolve, or nobody listens there.

Over https the client asks for a tunnel first, so that no request is seen, only the error. An error
that names another address than the service's is a proxy's, which stands in between. Clients also
ask hosts that are not the service's, such as for telemetry; what is asked of a host tells.
"""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from wiretape.analysis.concluding.evidence import quote, shown
from wiretape.analysis.diagnosis import Confidence, Diagnosis
from wiretape.analysis.facts import Fact, Facts, Place
from wiretape.analysis.observer import Observer
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.records import Error
from wiretape.recorder.log.urls import origin

_DEFAULT_PORTS = {"http": 80, "https": 443}
_FAILED_AT = re.compile(r"\('([^'\s]{1,255})', (\d{1,5})\b")
"""How Python names an address that did not answer."""


class _Words(NamedTuple):
    title: str
    cause: str
    remedy: str


_KINDS = {
    "dns": _Words(
        "The service's name does not resolve",
        "The host name is misspelt, or is known only in a network that the client is not in: a "
        "private service has no public DNS name.",
        "Check the configured URL; give the service a name that resolves where the client runs "
        "(make it public, or reach it over a private endpoint of the same network).",
    ),
    "connect": _Words(
        "Nobody answers at the service's address",
        "The service is not running, listens on another port or interface, or a firewall is in "
        "between.",
        "Start the service, and check that its port and interface are those of the configured URL "
        "and can be reached from where the client runs.",
    ),
}
_NOW_AND_THEN = {
    "dns": _Words(
        "The service's name does not always resolve",
        "The name is right, for the service is reached now and then: the resolver does not always "
        "answer, or several of them differ.",
        "Look at the resolvers that the client asks, one by one; have the client try again after "
        "a while.",
    ),
    "connect": _Words(
        "The service is not always reached",
        "The address is right, for the service answers now and then: it is stopped or restarted "
        "in between, takes no more connections, or the network fails at times.",
        "See what the service did at these times (restarts, deployments, load), and whether all "
        "of its instances run; have the client try again after a while.",
    ),
}


_PROXY = _Words(
    "The proxy cannot be reached",
    "The client, or the recorder, is to reach the service through a proxy, and nobody answers at "
    "the proxy's address, or its name does not resolve. The service itself was not asked.",
    "Check the proxy's address (`HTTP_PROXY`, `HTTPS_PROXY`, the client's settings) and that it "
    "runs; or exempt the service from it (`NO_PROXY`).",
)

_TUNNEL_REFUSED = re.compile(
    r"[Pp]roxy (\S{1,255}) refused HTTP CONNECT request: (\d{3})", re.ASCII
)
"""How the recorder names a proxy that does not open a tunnel, with its status (RFC 9110, 9.3.6)."""

_REFUSING = {
    "407": _Words(
        "The proxy wants to know who asks",
        "The client, or the recorder, is to reach the service through a proxy that lets nobody "
        "through without credentials. The service itself was not asked.",
        "Give the proxy's credentials where its address is configured (`HTTPS_PROXY`, the client's "
        "settings); or exempt the service from it (`NO_PROXY`).",
    ),
    "5": _Words(
        "The proxy does not reach the service",
        "The client, or the recorder, does reach the proxy, but the proxy gets no answer from the "
        "service: its name does not resolve there, nothing runs at its address, or a firewall is "
        "in between.",
        "Check that the service runs and can be reached from the proxy; if it is in the client's "
        "own network, exempt it from the proxy (`NO_PROXY`).",
    ),
    "": _Words(
        "The proxy does not let the client through",
        "The client, or the recorder, is to reach the service through a proxy, which does not open "
        "a tunnel to it: its rules may not allow the host or the port. The service itself was not "
        "asked.",
        "Have the proxy allow the service's host and port; or exempt the service from it "
        "(`NO_PROXY`).",
    ),
}
"""By how the status begins."""


class _Proxy(NamedTuple):
    """A proxy's address, and with which status it refused a tunnel, if it was reached at all."""

    address: str
    status: str | None = None


class _Address(NamedTuple):
    host: str
    port: int | None


def _exchange(seen: Seen) -> Iterator[Fact]:
    place = _place(seen.url)
    if seen.response is not None:
        yield Fact(("answered", place), keep=1)
    elif isinstance(seen.last, Error) and seen.last.kind in _KINDS:
        proxy = _proxy(_address(seen.url), seen.last)
        yield Fact(("failed", place, seen.last.kind, proxy), (seen.evidence, seen.last.detail))


def _place(url: str) -> str:
    """Give the host, and the port if it is not the scheme's own."""
    return origin(url).partition("://")[2]


def _error(error: Error) -> Iterator[Fact]:
    if error.kind in _KINDS:
        place = (error.peer or "an unknown host").removesuffix(":443")
        proxy = _proxy(_address(error.peer or ""), error)
        yield Fact(("failed", place, error.kind, proxy), ((), error.detail))


def _proxy(service: _Address | None, error: Error) -> _Proxy | None:
    """Give the proxy that an error names, if none of the addresses named is the service's.

    It is told without credentials.
    """
    if refused := _TUNNEL_REFUSED.search(error.detail):
        address = _address(refused[1])
        return _Proxy("" if address is None else _spelt(address), refused[2])
    if service is None:
        return None
    peer = None if error.peer is None else _address(error.peer)
    if peer is not None and not _may_be(service, peer):
        return _Proxy(_spelt(peer))
    tried = [_Address(host, int(port)) for host, port in _FAILED_AT.findall(error.detail)]
    if any(_may_be(service, each) for each in tried):
        return None
    return next((_Proxy(_spelt(each)) for each in tried), None)


def _may_be(service: _Address, other: _Address) -> bool:
    """Tell whether these may be the same: a name may stand for any IP address."""
    if None not in (service.port, other.port) and service.port != other.port:
        return False
    return service.host == other.host or _is_ip(service.host) != _is_ip(other.host)


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _address(place: str) -> _Address | None:
    """Read a URL, or a host and a port."""
    try:
        parts = urlsplit(place if "://" in place else f"//{place}")
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    return _Address(parts.hostname, port) if parts.hostname else None


def _spelt(address: _Address) -> str:
    host = f"[{address.host}]" if ":" in address.host else address.host
    return host if address.port is None else f"{host}:{address.port}"


def _sure(*, known: bool, alone: bool, always: bool) -> Confidence:
    """Tell how sure it is that the service is not reached, and not a host of another use.

    `known` says that what is asked of the host is MCP or OAuth, `alone` that nobody answers at any
    host, `always` that the host itself never does.
    """
    if known:
        return "certain" if always else "likely"
    return "likely" if alone else "possible"


def _of_a_proxy(proxy: _Proxy | None) -> _Words | None:
    if proxy is None or proxy.status is None:
        return proxy and _PROXY
    status = proxy.status
    return next(words for start, words in _REFUSING.items() if status.startswith(start))


def _conclude(facts: Facts, scene: Scene) -> Iterator[Diagnosis]:
    services = {_place(route) for route in scene.roles}
    alone = not any(True for _ in facts.of("answered"))
    for (place, kind, proxy), tally in facts.of("failed"):
        detail: str = tally.value[1]
        evidence: tuple[Place, ...] = shown(tally) or tally.places
        answered = facts.get("answered", place)
        said = _of_a_proxy(proxy) or (_NOW_AND_THEN if answered else _KINDS)[kind]
        others = f" {counted(answered.count, 'request')} to it got one." if answered else ""
        through = f" through {proxy.address}" if proxy else ""
        yield Diagnosis(
            id="service_unreachable",
            title=said.title,
            seen=f"{counted(tally.count, 'attempt')} to reach {place}{through} without any "
            f"response: {quote(detail)}.{others}",
            cause=said.cause,
            remedy=said.remedy,
            confidence=_sure(
                known=place in services, alone=alone, always=proxy is None and answered is None
            ),
            evidence=evidence,
        )


DIAGNOSIS = Observer[Diagnosis](
    title="Service unreachable",
    wants=frozenset({"any"}),
    exchange=_exchange,
    error=_error,
    repeats="kind",
    conclude=_conclude,
)
