"""What is remembered of many: the newest, up to a number, so that no load fills the memory."""

from collections import OrderedDict
from typing import override


class Recent[V](OrderedDict[str, V]):
    """A dictionary that forgets its oldest entry when it holds more than `most`."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    @override
    def __setitem__(self, key: str, value: V) -> None:
        super().__setitem__(key, value)
        if len(self) > self._most:
            self.popitem(last=False)
