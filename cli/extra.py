"""Modules that need what not every installation has."""

from importlib import import_module
from types import ModuleType

from wiretape.recorder.errors import EnvironmentFaultError


def with_mitmproxy(module: str) -> ModuleType:
    """Import a module that imports mitmproxy; raises EnvironmentFaultError where that is not."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name and error.name.split(".")[0] == "mitmproxy":
            raise EnvironmentFaultError(
                "this needs mitmproxy: install it with `pip install 'wiretape[record]'`"
            ) from None
        raise
