"""The TypeScript SDK, by Node; it is looked for beside `wiretape.toml`."""

from shutil import which

from wiretape.replay.conformance.sdk_persona import persona
from wiretape.replay.conformance.stage import Stage, StuckError


def _usual(stage: Stage) -> tuple[str, ...]:
    if which("node") is None:
        raise StuckError("node is missing; or say personas.commands.typescript")
    if not (stage.config.folder / "node_modules/@modelcontextprotocol/sdk").is_dir():
        raise StuckError(
            "@modelcontextprotocol/sdk is not installed beside wiretape.toml; "
            "or say personas.commands.typescript"
        )
    return ("node", "{driver}")


FAMILY = persona(
    "typescript",
    "The TypeScript SDK",
    "https://github.com/modelcontextprotocol/typescript-sdk",
    "typescript_sdk.mjs",
    _usual,
)
