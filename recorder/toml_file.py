"""TOML files that people write, read into models: what is wrong in one is said in one line."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ValidationError

from wiretape.recorder.errors import BadInputError
from wiretape.recorder.log.printable import printable


def read[Model: BaseModel](path: Path, model: type[Model], hint: str = "") -> Model:
    """Read a file; `hint` says how to write it.

    Raises BadInputError, which names the file and the first value that is wrong.
    """
    try:
        return model.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise BadInputError(f"{path}: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        wrong = first["msg"].removeprefix("Value error, ")
        said = "; ".join(filter(None, (f"{_where(first['loc'])}: {wrong}", hint)))
        raise BadInputError(f"{path}: {printable(said)}") from error
    except (ValueError, RecursionError) as error:  # no UTF-8, or no TOML
        raise BadInputError(f"{path}: not a TOML file: {printable(str(error))}") from error


def _where(place: tuple[int | str, ...]) -> str:
    """Name a value as in `header[2].name`; items of a list are counted from 1."""
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place)
    return "".join(parts).lstrip(".") or "the file"
