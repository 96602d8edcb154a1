"""What `wiretape.toml` says of a target: how it is started, where it is, how it is driven.

Texts may have placeholders such as `{port}`; `launching` fills them in.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from wiretape.recorder.errors import BadInputError


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class File(_Part):
    """A file that the target needs, written (0600) before it starts."""

    path: str
    content: str


class System(_Part):
    """How a target is started. Without a `command` it runs already.

    It is ready when `ready` answers anything below 500, `seconds` after its start at most.
    """

    url: str = Field(description="where its clients find it: a bridge's or server's MCP endpoint")
    command: tuple[str, ...] = ()
    env: dict[str, str] = {}
    cwd: Path = Path()
    files: tuple[File, ...] = ()
    ready: str | None = None
    seconds: Annotated[float, Field(gt=0, le=600)] = 30


class Upstream(_Part):
    """The service that is replayed for it."""

    profile: str = "atlassian-2026-03"
    issuer: Literal["faithful", "consistent"] = "consistent"
    expires_in: Annotated[int, Field(ge=1)] | None = None
    users: tuple[str, ...] = ("ada", "bob")


class Bridge(_Part):
    """What is particular about a bridge; times in seconds."""

    margin: Annotated[
        float, Field(ge=0, description="how much earlier its tokens are over than upstream's")
    ] = 60
    callback: Annotated[str, Field(description="a redirect URI it takes")] = (
        "http://127.0.0.1:9/callback"
    )


class Config(_Part):
    """All of `wiretape.toml`. Paths are relative to `folder`, where it is."""

    target: System
    upstream: Upstream = Upstream()
    bridge: Bridge = Bridge()
    folder: Path = Path()


def read(path: Path) -> Config:
    """Read a file. Raises BadInputError for what is no such file."""
    try:
        said: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
        return Config.model_validate(said | {"folder": path.resolve().parent})
    except OSError as error:
        raise BadInputError(f"{path}: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise BadInputError(f"{path}: {where}: {first['msg']}") from error
    except ValueError as error:
        raise BadInputError(f"{path}: no TOML: {error}") from error
