"""The command line: one command a file.

Every module of this package that has `register(app)` adds its command, which is named as its file;
nothing keeps a list.

Exit codes are stable: 0 fine, 1 findings, 2 usage, 3 bad input, 4 environment.
"""

import inspect
import sys
from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import version
from pkgutil import iter_modules

import typer

from wiretape.recorder.errors import EnvironmentFaultError, WiretapeError

_EPILOG = "Exit codes: 0 fine, 1 findings, 2 usage, 3 bad input, 4 environment."


def build(*words: str) -> typer.Typer:
    """Make the application of the command that the words of a command line name.

    Where they name none it is that of all, in the order of their files' names. What nobody asks for
    is not imported: that took most of the time that commands need to start.
    """
    app = typer.Typer(
        name="wiretape",
        help="Record live OAuth and MCP sessions without secrets, analyse them, replay the "
        "service, and test bridges and gateways against it.",
        epilog=_EPILOG,
        no_args_is_help=True,
        add_completion=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def options(
        _version: bool = typer.Option(
            False, "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ) -> None:
        """Hold the options that stand before a command."""

    modules = sorted(found.name for found in iter_modules(__path__))
    named = next((word for word in words if not word.startswith("-")), None)
    _register(app, [name for name in modules if name.removesuffix("_") == named])
    if not (app.registered_commands or app.registered_groups):
        _register(app, modules)
    for command in app.registered_commands:
        command.help = _flowing(inspect.getdoc(command.callback) or "")
    return app


def main() -> None:
    """Run the command line; a user's mistake ends in one line and its exit code."""
    try:
        build(*sys.argv[1:])()
    except WiretapeError as error:
        typer.echo(f"wiretape: {error}", err=True)
        sys.exit(error.exit_code)
    except SystemExit as end:
        # Whoever read the output has seen enough, as with `| head`; to typer that is a failure.
        sys.exit(0 if isinstance(end.__context__, BrokenPipeError) else end.code)
    except OSError as error:
        typer.echo(f"wiretape: {error.filename or 'output'}: {error.strerror or error}", err=True)
        sys.exit(EnvironmentFaultError.exit_code)


def _register(app: typer.Typer, modules: Iterable[str]) -> None:
    for name in modules:
        register = getattr(import_module(f"{__name__}.{name}"), "register", None)
        if register is not None:
            register(app)


def _flowing(text: str) -> str:
    """Leave it to the terminal where lines end: one line a paragraph."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"wiretape {version('wiretape')}")
        raise typer.Exit
