"""Which personas are played against a mistake, and where their SDKs are here."""

from collections.abc import Callable

from peers.environments import interpreter, node_program
from peers.processes import PEERS
from wiretape.replay.conformance.config import Personas

type Command = tuple[str, ...]


def _mcp_1() -> Command:
    return interpreter(PEERS / "mcp1_client.py"), "{driver}"


def _typescript() -> Command:
    node, installed = node_program(PEERS / "typescript", "")
    return node, "{driver}", installed


COMMANDS: dict[str, Callable[[], Command]] = {"mcp-1": _mcp_1, "typescript": _typescript}
"""Of the personas whose SDK is not where they look for it."""


def personas(*names: str) -> Personas:
    """Play these personas, each by an SDK that the tests have installed."""
    commands = {name: COMMANDS[name]() for name in names if name in COMMANDS}
    return Personas(play=names, commands=commands)


def personas_about(*ids: str) -> Personas:
    """Play what is played by itself, and the personas that these checks are about."""
    named = [id_.split(".")[1] for id_ in ids if id_.startswith("persona.")]
    return personas(*dict.fromkeys((*Personas().play, *named)))
