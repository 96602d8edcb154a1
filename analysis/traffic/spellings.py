"""Header names that come in several spellings in one message."""

from functools import lru_cache


@lru_cache(maxsize=4096)
def spellings(names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Give the spellings of each name that has several, of the names of one message.

    Names are equal in any case (RFC 9110, section 5.1). In the order in which the names come first.
    """
    found: dict[str, dict[str, None]] = {}
    for name in names:
        found.setdefault(name.lower(), {})[name] = None
    return tuple(tuple(sorted(several)) for several in found.values() if len(several) > 1)
