"""Install what the peers need, ahead of tests with time limits: `python -m peers.install`."""

from peers.clients import BROWSING, CLIENTS, claude_code
from peers.conformance import VERSIONS, conformance
from peers.servers import SERVERS


def main() -> None:
    servers = (recipe.command for recipe in SERVERS.values())
    for command in (*CLIENTS.values(), *BROWSING.values(), *servers):
        command()
    claude_code()
    for version in VERSIONS:
        conformance(version)


if __name__ == "__main__":
    main()
