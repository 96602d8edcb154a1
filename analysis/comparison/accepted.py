"""The file of differences that are known and may be.

[accept]
"transport.no-sse" = "the bridge speaks streamable HTTP on purpose"
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from wiretape.recorder.errors import BadInputError

type _Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Accepted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    accept: dict[str, _Reason] = {}


def read(path: Path) -> Mapping[str, str]:
    """Read reasons by the ids of differences; raises BadInputError for anything else."""
    try:
        return _Accepted.model_validate(tomllib.loads(path.read_text("utf-8"))).accept
    except OSError as error:
        raise BadInputError(f"{path}: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise BadInputError(
            f"{path}: {where}: {first['msg']}; write [accept] and below it lines such as "
            '"token.lifetime" = "why that may be"'
        ) from error
    except ValueError as error:  # no TOML, or no UTF-8
        raise BadInputError(f"{path}: no TOML: {error}") from error
