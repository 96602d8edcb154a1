"""The file of differences that are known and may be.

[accept]
"transport.no-sse" = "the bridge speaks streamable HTTP on purpose"
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from wiretape.recorder import toml_file

type _Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


_HINT = 'write [accept] and below it lines such as "token.lifetime" = "why that may be"'


class _Accepted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    accept: dict[str, _Reason] = {}


def read(path: Path) -> Mapping[str, str]:
    """Read reasons by the ids of differences; raises BadInputError for anything else."""
    return toml_file.read(path, _Accepted, _HINT).accept
