"""What `wiretape.toml` says of a target: how it is started, where it is, how it is driven.

Texts may have placeholders such as `{port}`; `launching` fills them in.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from wiretape.recorder import toml_file

type Kind = Literal["bridge", "gateway", "server", "client"]
"""What is tested: what stands between clients and a service, or one of the two."""

USERS = ("ada", "bob", *(f"user-{number}" for number in range(1, 51)))
"""Who consents if nothing else is said: two, and a crowd."""

PAGE = "https://page.example"
"""Where a page is from if nothing else is said."""


def _different(users: tuple[str, ...]) -> tuple[str, ...]:
    twice = next((each for at, each in enumerate(users) if each in users[:at]), None)
    if twice is not None:
        raise ValueError(f"each is another user, but {twice!r} is named twice")
    return users


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


class Program(_Part):
    """A client: a command that is run once for each trial, and what it is to do then.

    It logs in, lists the tools, calls one if it can, ends, and says by its exit code whether that
    went well. `{dir}` is a directory that is new each time.
    """

    command: Annotated[tuple[str, ...], Field(min_length=1)]
    env: dict[str, str] = {}
    cwd: Path = Path()


class Server(_Part):
    """What is particular about a server that is compared with a profile.

    `headers` go with every request to it, `calls` are the arguments of tools that are called
    besides those which take none.
    """

    headers: dict[str, str] = {}
    calls: dict[str, dict[str, Any]] = {}


class Upstream(_Part):
    """The service that is replayed for it.

    With `callback`, its redirect URI, the target is a client that is known there without
    registering: `{client.id}` and `{client.secret}` are what it proves itself by.
    """

    profile: str = "atlassian-2026-03"
    issuer: Literal["faithful", "consistent"] = "consistent"
    expires_in: Annotated[int, Field(ge=1)] | None = None
    users: Annotated[tuple[str, ...], AfterValidator(_different)] = USERS
    callback: str | None = None


class Personas(_Part):
    """Which real clients the target is driven as.

    `commands` are by the name of a persona; `{python}` and `{driver}` are known in them.
    """

    play: tuple[str, ...] = ("vscode",)
    commands: dict[str, tuple[str, ...]] = {}


class Bridge(_Part):
    """What is particular about a bridge; times in seconds."""

    margin: Annotated[
        float, Field(ge=0, description="how much earlier its tokens are over than upstream's")
    ] = 60
    timeout: Annotated[
        float, Field(gt=0, le=60, description="within what it answers, whatever is upstream")
    ] = 15
    callback: Annotated[str, Field(description="a redirect URI it takes")] = (
        "http://127.0.0.1:9/callback"
    )
    page: Annotated[str, Field(description="the origin of a page that it lets call")] = PAGE
    leeway: Annotated[
        float, Field(ge=0, le=300, description="how long it still takes a token that is over")
    ] = 0
    wait: Annotated[
        float, Field(gt=0, le=300, description="how long a play waits until a token of it is over")
    ] = 4


class Route(_Part):
    """How something is asked of a gateway; `{tool}`, `{user}` and `{arguments}` (JSON) are known.

    `found` is a JSON pointer (RFC 6901) to what is wanted of the answer.
    """

    method: str
    path: str
    body: str | None = None
    found: str = ""


class Gateway(_Part):
    """How a gateway is driven. `headers` tell it whose browser or program asks, by `{user}`."""

    headers: dict[str, str] = {"X-User": "{user}"}
    service: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1),
        Field(description="what its errors call the service"),
    ] = "atlassian"
    timeout: Annotated[
        float, Field(gt=0, le=120, description="seconds within which it answers, whatever is up")
    ] = 15
    connect: Route
    tools: Route
    call: Route
    disconnect: Route


class Config(_Part):
    """All of `wiretape.toml`. Paths are relative to `folder`, where it is."""

    kind: Kind | None = Field(default=None, description="what it is that is tested")
    baseline: Path | None = Field(default=None, description="the file of failures that are known")
    target: System | None = None
    server: Server = Server()
    client: Program | None = None
    gateway: Gateway | None = None
    upstream: Upstream = Upstream()
    bridge: Bridge = Bridge()
    personas: Personas = Personas()
    folder: Path = Path()

    @property
    def known(self) -> Path | None:
        """The baseline, if the file names one."""
        return None if self.baseline is None else self.folder / self.baseline

    def replayed(self, kind: Kind) -> str | None:
        """The profile that is replayed in the whole run; None if each trial has its own."""
        return None if kind == "client" else self.upstream.profile


def read(path: Path) -> Config:
    """Read a file. Raises BadInputError for what is no such file."""
    found = toml_file.read(path, Config)
    folder = path.resolve().parent
    beside = folder / found.upstream.profile
    profile = str(beside) if beside.is_file() else found.upstream.profile
    upstream = found.upstream.model_copy(update={"profile": profile})
    return found.model_copy(update={"folder": folder, "upstream": upstream})
