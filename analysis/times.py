"""Spans of time, and quantiles of any number of them in little memory.

A value is counted in a bucket whose bounds are in a fixed proportion, so counts can be added up,
and whatever is read from them is wrong by at most that proportion (Masson, Rim, Lee: DDSketch, VLDB
2019).
"""

from collections.abc import Mapping
from functools import lru_cache
from math import ceil, log

ERROR = 0.01
"""How wrong a quantile may be, relative to the value."""

_RATIO = (1 + ERROR) / (1 - ERROR)
_SCALE = 1 / log(_RATIO)
_LEAST = 1e-6
_LOWEST = ceil(log(_LEAST) * _SCALE)
_MOST = 1e9


def seconds(start: float, end: float) -> float:
    """Give the seconds between two times; at least 0 and not for ever, whatever clocks say."""
    found = end - start
    return found if 0 <= found < _MOST else min(max(found, 0.0), _MOST)


def bucket(value: float) -> int:
    """Give the bucket that a value is counted in; all below a millionth share one."""
    return ceil(log(value) * _SCALE) if value > _LEAST else _LOWEST


@lru_cache(maxsize=4096)
def middle(number: int) -> float:
    """Give the value that stands for all of a bucket."""
    return float(2 * _RATIO**number / (_RATIO + 1))


def quantile(counts: Mapping[int, int], share: float) -> float:
    """Give the value that this share of all does not exceed; there must be a count by bucket."""
    left = share * sum(counts.values())
    for number in sorted(counts):
        left -= counts[number]
        if left <= 0:
            return middle(number)
    return middle(max(counts))
