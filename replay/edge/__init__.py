"""Where the network begins: ports, ASGI, TLS, and what is recorded there."""
