"""What can go wrong for a user, each kind with the exit code that scripts rely on."""

from typing import ClassVar


class WiretapeError(Exception):
    """One clear line: what is wrong, where, and what to do."""

    exit_code: ClassVar[int] = 1


class UsageError(WiretapeError):
    """The command's words are off."""

    exit_code = 2


class BadInputError(WiretapeError):
    """A file or a line of it is not what it must be."""

    exit_code = 3


class EnvironmentFaultError(WiretapeError):
    """The machine stands in the way: port in use, upstream unreachable, disk full."""

    exit_code = 4
