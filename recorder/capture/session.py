"""One run of the recorder from its settings to a closed recording."""

import os
import tempfile
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple
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
    reverse = upstream(settings.reverse) if settings.reverse is not None else None
    clock = LiveClock()
    path = settings.out / file_name(settings.name, clock.start)
    with tempfile.TemporaryDirectory(prefix="wiretape-") as scratch:
        trust = _trust(Path(scratch), settings.upstream_ca)
        writer = Writer(path, _opening(settings, clock, redactor), warn)

        def failed(error: BaseException) -> None:
            frames = traceback.extract_tb(error.__traceback__)
            where = f" in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
            recorder.lost(f"something, by a fault of the recorder: {error!r}{where}")

        afterwards = Afterwards(clock, failed)
        recorder = Recorder(
            write=writer.append,
            redactor=redactor,
            clock=afterwards,
            max_body=settings.max_body,
            watch=watch,
        )
        addon, listen, rest = Addon(recorder, afterwards), None, ""
        if reverse:
            origin, rest = reverse
            addon = ReverseAddon(recorder, afterwards, settings.host)
            listen = partial(addon.listen, origin, settings.port)
        exit_code: int | None = None

        async def while_listening(port: int) -> None:
            nonlocal exit_code
            url = f"{local(settings.host, port)}{rest}"
            where = Listening(url=url, ca_bundle=trust.client, path=path, mark=recorder.mark)
            if walk is not None:
                listening(where)
                await walk(where)
            elif settings.command:
                listening(where)
                exit_code = await _run(settings, where)
            else:
                await client.until_interrupted(partial(listening, where))

        try:
            await proxy.serve(
                proxy.ProxyConfig(
                    host=settings.host,
                    port=settings.port,
                    authority=trust.authority,
                    trusted=trust.upstream,
                    insecure=settings.insecure,
                    upstream_proxies=getproxies_environment(),
                ),
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


class _Trust(NamedTuple):
    """The recorder's authority, and whom the recorder and its clients are to trust."""

    authority: Path
    upstream: Path
    client: Path


def _trust(folder: Path, upstream_ca: Path | None) -> _Trust:
    own = authority.ensure_authority()
    extra = [upstream_ca] if upstream_ca else []
    return _Trust(
        own,
        authority.bundle(folder / "upstream.pem", *extra),
        authority.bundle(folder / "ca-bundle.pem", authority.certificate(own), *extra),
    )


def _opening(settings: Settings, clock: LiveClock, redactor: Redactor) -> Recording:
    return Recording(
        schema=SCHEMA,
        recorder=version("wiretape"),
        mitmproxy=proxy.MITMPROXY_VERSION,
        name=settings.name,
        start=clock.start,
        mode="forward" if settings.reverse is None else "reverse",
        key_id=redactor.key_id,
        provenance=settings.provenance,
    )


async def _run(settings: Settings, where: Listening) -> int:
    if settings.reverse is None:
        environment = client.proxy_environment(os.environ, where.url, where.ca_bundle)
    else:
        environment = client.reverse_environment(os.environ, where.url)
    return await client.run(settings.command, environment)
