"""Time spans as people write them."""

import re

from wiretape.recorder.errors import UsageError
from wiretape.recorder.log.printable import printable

_TIME = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(s|m|h|)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}


def seconds(text: str, option: str) -> float:
    """Read a time span, such as 90, 90s, 55m or 1h; gives seconds. `option` is whose value it is.

    Raises UsageError.
    """
    found = _TIME.fullmatch(text.strip())
    if not found:
        raise UsageError(f"{option} {printable(text)}: say a time, such as 90s, 55m or 1h")
    return float(found[1]) * _SECONDS[found[2]]
