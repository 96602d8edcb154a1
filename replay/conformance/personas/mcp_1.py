"""The Python SDK 1.x, which uv fetches."""

from shutil import which

from wiretape.replay.conformance.sdk_persona import persona
from wiretape.replay.conformance.stage import Stage, StuckError

_PINNED = "mcp==1.30.*"


def _usual(stage: Stage) -> tuple[str, ...]:
    del stage
    if which("uv") is None:
        raise StuckError("uv, which fetches mcp 1, is missing; or say personas.commands.mcp-1")
    return ("uv", "run", "--quiet", "--no-project", "--with", _PINNED, "python", "{driver}")


FAMILY = persona(
    "mcp-1",
    "The Python SDK 1.x",
    "https://github.com/modelcontextprotocol/python-sdk/tree/v1.x",
    "mcp_sdk.py",
    _usual,
)
