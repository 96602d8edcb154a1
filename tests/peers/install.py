"""Install what the peers need, ahead of tests with time limits: `python -m peers.install`."""

from peers.clients import CLIENTS
from peers.servers import SERVERS


def main() -> None:
    for command in (*CLIENTS.values(), *(recipe.command for recipe in SERVERS.values())):
        command()


if __name__ == "__main__":
    main()
