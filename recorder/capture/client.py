"""The client under record: a command run so that its traffic goes through the recorder."""

import asyncio
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from wiretape.recorder.errors import UsageError

_PROXY = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")
_IN_THE_WAY = ("no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY")
_CA_BUNDLE = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")


def proxy_environment(base: Mapping[str, str], proxy: str, ca_bundle: Path) -> dict[str, str]:
    """Give the environment in which common HTTP clients use a proxy and trust its certificates.

    That is curl, Python's httpx, requests and urllib, Node (from 24 on, by NODE_USE_ENV_PROXY), Go
    and whatever else follows these conventions. NO_PROXY goes, because servers on loopback are to
    be recorded as well.
    """
    environment = {name: value for name, value in base.items() if name not in _IN_THE_WAY}
    environment |= dict.fromkeys(_PROXY, proxy)
    environment |= dict.fromkeys(_CA_BUNDLE, str(ca_bundle))
    environment["NODE_USE_ENV_PROXY"] = "1"
    return environment


def reverse_environment(base: Mapping[str, str], url: str) -> dict[str, str]:
    """Give the environment in which a command finds the recorder's URL and goes there directly.

    A proxy of the user's stays for whatever else the command fetches.
    """
    return directly(base, urlsplit(url).hostname) | {"WIRETAPE_URL": url}


def directly(base: Mapping[str, str], host: str | None) -> dict[str, str]:
    """Give the environment in which a proxy of the user's is not asked on the way to a host."""
    if not any(base.get(name) for name in (*_PROXY, "all_proxy", "ALL_PROXY")):
        return dict(base)
    passed_by = base.get("no_proxy") or base.get("NO_PROXY")
    hosts = ",".join(filter(None, (passed_by, host)))
    return dict(base) | {"no_proxy": hosts, "NO_PROXY": hosts}


async def run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command to its end and give its exit code, 128 + n if signal n ended it.

    An interrupt is the command's to handle: it shares the terminal and gets it as well. When this
    process is told to end, or its terminal is closed, the command gets a SIGTERM. All of that holds
    until the event loop is closed. Raises UsageError when the command cannot be started.
    """
    stop = asyncio.Event()
    _when(lambda: None, signal.SIGINT)
    _when(stop.set, signal.SIGTERM, signal.SIGHUP)
    try:
        process = await asyncio.create_subprocess_exec(*command, env=dict(environment))
        stopping = asyncio.create_task(_stop(process, stop))
        code = await process.wait()
        stopping.cancel()
    except OSError as error:
        raise UsageError(f"{command[0]}: cannot be run: {error.strerror}") from None
    return code if code >= 0 else 128 - code


async def _stop(process: asyncio.subprocess.Process, told: asyncio.Event) -> None:
    await told.wait()
    with suppress(ProcessLookupError):
        process.terminate()


async def until_interrupted(ready: Callable[[], None]) -> None:
    """Wait for Ctrl-C, SIGTERM or the terminal's end; `ready` is called when that is noticed."""
    interrupted = asyncio.Event()
    _when(interrupted.set, signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    ready()
    await interrupted.wait()


def _when(told: Callable[[], None], *signals: signal.Signals) -> None:
    """Call `told` at these signals; a SIGHUP that is ignored stays so, as nohup(1) wants it."""
    loop = asyncio.get_running_loop()
    for number in signals:
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, told)
