"""One feature, one file: the modules of a package, and what each of them declares."""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType


def discovered[Kind](package: ModuleType, name: str, kind: type[Kind]) -> dict[str, Kind]:
    """Import every module of a package, sorted, and give what each calls `name` by its own name.

    Raises TypeError for a module that has none, or something else.
    """
    found: dict[str, Kind] = {}
    for module in sorted(iter_modules(package.__path__), key=lambda each: each.name):
        declared = getattr(import_module(f"{package.__name__}.{module.name}"), name, None)
        if not isinstance(declared, kind):
            raise TypeError(f"{package.__name__}.{module.name} has no {name}")
        found[module.name] = declared
    return found
