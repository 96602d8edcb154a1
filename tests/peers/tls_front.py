"""A TLS-terminating front, as a cloud puts one before a service that itself speaks plain HTTP.

    python -m peers.tls_front URL --tls-cert FILE --tls-key FILE

prints its own https address for URL and passes on the bytes inside TLS as they are, so the service
sees plain HTTP and the front's `Host`. Plain HTTP that reaches the front is redirected to https.
"""

import argparse
import asyncio
import socket
import ssl
from contextlib import suppress
from urllib.parse import urlsplit

TLS_HANDSHAKE = b"\x16"  # RFC 8446, section 5.1: the content type of the first record
CHUNK = 65536


async def first_byte(client: socket.socket) -> bytes:
    """Look at the first byte of a connection and leave it there."""
    loop, readable = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(client, readable.set)
    await readable.wait()
    loop.remove_reader(client)
    return client.recv(1, socket.MSG_PEEK)


async def accepted(
    client: socket.socket, context: ssl.SSLContext | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    transport, protocol = await loop.connect_accepted_socket(
        lambda: asyncio.StreamReaderProtocol(reader), client, ssl=context
    )
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Pass bytes on until either side ends, then end the sink."""
    with suppress(ConnectionError, ssl.SSLError):
        while data := await source.read(CHUNK):
            sink.write(data)
            await sink.drain()
    sink.close()


async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer a plain HTTP request with 301 to the same URL over https."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    target = head.split(" ", 2)[1]
    fields = (line.partition(":") for line in head.split("\r\n"))
    host = next(value.strip() for name, _, value in fields if name.lower() == "host")
    writer.write(
        f"HTTP/1.1 301 Moved Permanently\r\nlocation: https://{host}{target}\r\n"
        "content-length: 0\r\nconnection: close\r\n\r\n".encode("latin-1")
    )
    await writer.drain()
    writer.close()


async def serve(listener: socket.socket, context: ssl.SSLContext, port: int) -> None:
    loop = asyncio.get_running_loop()

    async def handle(client: socket.socket) -> None:
        begin = await first_byte(client)
        if not begin:  # connected only to see whether anyone is here
            client.close()
        elif begin != TLS_HANDSHAKE:
            await redirect(*await accepted(client, None))
        else:
            reader, writer = await accepted(client, context)
            from_service, to_service = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(pump(reader, to_service), pump(from_service, writer))

    handling = set[asyncio.Task[None]]()
    while True:
        client, _ = await loop.sock_accept(listener)
        task = loop.create_task(handle(client))
        handling.add(task)
        task.add_done_callback(handling.discard)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--tls-cert", required=True)
    parser.add_argument("--tls-key", required=True)
    args = parser.parse_args()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(args.tls_cert, args.tls_key)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0)  # asyncio wants sockets that do not block
    service = urlsplit(args.url)
    print(f"https://127.0.0.1:{listener.getsockname()[1]}{service.path}", flush=True)
    asyncio.run(serve(listener, context, service.port or 80))


if __name__ == "__main__":
    main()
