"""Runs one of the clients on a short walk, which needs nobody at its standard input.

    python -m peers.visiting COMMAND … URL

It lists the tools and calls one that the official service has. This process becomes the client.
"""

import os
import sys
from tempfile import TemporaryFile

import msgspec

from peers.processes import environment
from peers.servers import Walk

WALK = Walk("streamable-http", (("atlassianUserInfo", {}),))


def main() -> None:
    command = sys.argv[1:]
    with TemporaryFile() as file:
        file.write(msgspec.json.encode(WALK))
        file.seek(0)
        os.dup2(file.fileno(), 0)
    os.execve(command[0], command, environment())


if __name__ == "__main__":
    main()
