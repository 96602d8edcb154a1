"""The Python SDK 2.x, as it is installed beside wiretape."""

from importlib.metadata import PackageNotFoundError, version

from wiretape.replay.conformance.sdk_persona import persona
from wiretape.replay.conformance.stage import Stage, StuckError


def _usual(stage: Stage) -> tuple[str, ...]:
    del stage
    try:
        found = version("mcp")
    except PackageNotFoundError:
        found = ""
    if not found.startswith("2."):
        raise StuckError("mcp 2 is not installed; say where it is in personas.commands.mcp-2")
    return ("{python}", "{driver}")


FAMILY = persona(
    "mcp-2",
    "The Python SDK 2.x",
    "https://github.com/modelcontextprotocol/python-sdk",
    "mcp_sdk.py",
    _usual,
)
