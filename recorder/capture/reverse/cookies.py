"""Cookies of upstream origins in a client that sees them all on one host, the recorder's.

Cookies know hosts, not ports (RFC 6265, section 8.5). What an upstream server sets must be kept by
a client that talks plain HTTP to the recorder, and must not reach the other upstream servers.
"""

from collections import defaultdict

_NEED_SECURE = ("__secure-", "__host-")  # RFC 6265bis, 4.1.3; browsers take them from loopback
_MOST_NOTED = 1000


class Cookies:
    """Which hosts set which cookies."""

    def __init__(self) -> None:
        self._domains: defaultdict[str, set[str]] = defaultdict(set)
        self._noted = 0

    def to_client(self, value: str, host: str) -> str:
        """Note a Set-Cookie header of an upstream host and take out what ties it to there."""
        pair, *attributes = value.split(";")
        name = pair.partition("=")[0].strip()
        domain = host
        kept = []
        for attribute in attributes:
            word, _, content = attribute.strip().lower().partition("=")
            if word == "domain":
                domain = f".{content.strip().strip('.')}"
            elif name.lower().startswith(_NEED_SECURE) or not _needs_https(word, content):
                kept.append(attribute)
        self._note(name, domain)
        return ";".join((pair, *kept))

    def to_upstream(self, value: str, host: str) -> str:
        """Take the cookies out of a Cookie header that only other hosts have set."""
        return ";".join(pair for pair in value.split(";") if self._is_for(pair, host)).strip()

    def _note(self, name: str, domain: str) -> None:
        if self._noted < _MOST_NOTED and domain not in self._domains.get(name, ()):
            self._domains[name].add(domain)
            self._noted += 1

    def _is_for(self, pair: str, host: str) -> bool:
        domains = self._domains.get(pair.partition("=")[0].strip())
        return domains is None or any(_matches(domain, host) for domain in domains)


def _needs_https(word: str, content: str) -> bool:
    """Whether browsers take a cookie with this attribute over https only."""
    return word in ("secure", "partitioned") or (word, content.strip()) == ("samesite", "none")


def _matches(domain: str, host: str) -> bool:
    """Whether a host is the one, or with a leading dot below the one (RFC 6265, section 5.1.3)."""
    return f".{host}".endswith(domain) if domain.startswith(".") else host == domain
