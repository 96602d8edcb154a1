"""One run of the recorder from its settings to a closed recording."""

import os
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from urllib.request import getproxies_environment

from wiretape.recorder.capture import authority, client, proxy
from wiretape.recorder.capture.addon import Addon
from wiretape.recorder.capture.afterwards import Afterwards
from wiretape.recorder.capture.clock import LiveClock
from wiretape.recorder.capture.recorder import DEFAULT_MAX_BODY, Recorder
from wiretape.recorder.capture.reverse.addon import ReverseAddon
from wiretape.recorder.capture.reverse.origins import local, upstream
from wiretape.recorder.errors import WiretapeError
from wiretape.recorder.log.names import file_name
from wiretape.recorder.log.records import SCHEMA, AnyRecord, Recording
from wiretape.recorder.log.writer import Writer
from wiretape.recorder.redaction.manifest import write_manifest
from wiretape.recorder.redaction.redactor import Redactor


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What to record, where to, and how; `port` 0 takes a free one, `command` may be empty.

    With `reverse`, a URL, the recorder stands in front of that server for a client that takes no
    proxy.
    """

    name: str
    out: Path
    host: str = "127.0.0.1"
    port: int = 0
    command: tuple[str, ...] = ()
    reverse: str | None = None
    max_body: int = DEFAULT_MAX_BODY
    insecure: bool = False
    upstream_ca: Path | None = None
    provenance: str | None = None


@dataclass(frozen=True, kw_only=True)
class Listening:
    """Where the recorder is to be reached, told as soon as it is; `mark` leaves a note in it.

    `url` is that of the proxy; in reverse mode it stands for the URL to be recorded.
    """

    url: str
    ca_bundle: Path
    path: Path
    mark: Callable[[str, str | None], None]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of it: the recording, the command's exit code, and why it is not whole, if so."""

    path: Path
    manifest: Path
    exit_code: int | None
    failed: str | None


async def record(
    settings: Settings,
    redactor: Redactor,
    *,
    listening: Callable[[Listening], None],
    watch: Callable[[AnyRecord], None],
    warn: Callable[[str], None],
    walk: Callable[[Listening], Awaitable[None]] | None = None,
) -> Outcome:
    """Record until `walk`, a client in this process, ends, or the command does.

    Without either, record until interrupted.
    """
    target = upstream(settings.reverse) if settings.reverse is not None else None
    clock = LiveClock()
    path = settings.out / file_name(settings.name, clock.start)
    with tempfile.TemporaryDirectory(prefix="wiretape-") as scratch:
        ca = authority.ensure_authority()
        extra = [settings.upstream_ca] if settings.upstream_ca else []
        trusted = authority.bundle(Path(scratch, "upstream.pem"), *extra)
        ca_bundle = authority.bundle(
            Path(scratch, "ca-bundle.pem"), authority.certificate(ca), *extra
        )
        config = proxy.ProxyConfig(
            host=settings.host,
            port=settings.port,
            authority=ca,
            trusted=trusted,
            insecure=settings.insecure,
            upstream_proxies=getproxies_environment(),
        )
        opening = Recording(
            schema=SCHEMA,
            recorder=version("wiretape"),
            mitmproxy=proxy.MITMPROXY_VERSION,
            name=settings.name,
            start=clock.start,
            mode="reverse" if target else "forward",
            key_id=redactor.key_id,
            provenance=settings.provenance,
        )
        exit_code: int | None = None
        writer = Writer(path, opening, warn)
        try:

            def failed(error: BaseException) -> None:
                recorder.lost(f"something, by a fault of the recorder: {error!r}")

            afterwards = Afterwards(clock, failed)
            recorder = Recorder(
                write=writer.append,
                redactor=redactor,
                clock=afterwards,
                max_body=settings.max_body,
                watch=watch,
            )
            addon, listen, rest = Addon(recorder, afterwards), None, ""
            if target:
                origin, rest = target
                addon = ReverseAddon(recorder, afterwards, settings.host)
                listen = partial(addon.listen, origin, settings.port)

            async def while_listening(port: int) -> None:
                nonlocal exit_code
                url = f"{local(settings.host, port)}{rest}"
                where = Listening(
                    url=url,
                    ca_bundle=ca_bundle,
                    path=path,
                    mark=recorder.mark,
                )
                if walk is not None:
                    listening(where)
                    await walk(where)
                elif settings.command:
                    listening(where)
                    if target:
                        environment = client.reverse_environment(os.environ, url)
                    else:
                        environment = client.proxy_environment(os.environ, url, ca_bundle)
                    exit_code = await client.run(settings.command, environment)
                else:
                    await client.until_interrupted(partial(listening, where))

            await proxy.serve(
                config,
                [addon],
                while_listening,
                afterwards=afterwards.finish,
                failed=failed,
                listen=listen,
            )
        except WiretapeError:  # it never came to recording anything
            path.unlink()
            raise
        finally:
            writer.close()
    manifest = write_manifest(path, redactor)
    return Outcome(path=path, manifest=manifest, exit_code=exit_code, failed=writer.failed)
