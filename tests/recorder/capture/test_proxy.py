"""The embedded mitmproxy: its faults are told, and do not stop it."""

import asyncio
from pathlib import Path

import pytest
from mitmproxy.http import HTTPFlow

from loopback import Ask, Origin, Proxied, Told, answer, talk
from loopback.wire import response
from wiretape.recorder.capture import proxy
from wiretape.recorder.capture.authority import bundle
from wiretape.recorder.errors import UsageError


class Failing:
    """An add-on with a mistake."""

    def requestheaders(self, flow: HTTPFlow) -> None:
        raise LookupError(flow.request.path)


def test_a_fault_inside_is_told_and_the_traffic_goes_on(tmp_path: Path) -> None:
    faults: list[str] = []
    told: list[Told] = []
    config = proxy.ProxyConfig(
        host="127.0.0.1",
        port=0,
        authority=tmp_path,
        trusted=bundle(tmp_path / "trusted.pem"),
    )

    async def play(port: int) -> None:
        async with Origin(answer(response(b"answer"))) as origin:
            told.append(await talk(Ask(path=b"/path"), origin, Proxied(port)))

    asyncio.run(
        proxy.serve(
            config,
            [Failing()],
            play,
            afterwards=lambda: None,
            failed=lambda error: faults.append(repr(error)),
        )
    )
    assert faults == ["LookupError('/path')"]
    assert told[0].response.body == b"answer"


def test_the_password_of_a_mistaken_upstream_proxy_is_not_repeated(tmp_path: Path) -> None:
    config = proxy.ProxyConfig(
        host="127.0.0.1",
        port=0,
        authority=tmp_path,
        trusted=tmp_path,
        upstream_proxies={"https": "http://user:s3c/ret@proxy.example:8080"},
    )

    async def play(port: int) -> None:
        pytest.fail("there is no such proxy")

    serving = proxy.serve(config, [], play, afterwards=lambda: None, failed=lambda _: None)
    with pytest.raises(UsageError, match=r"^https_proxy: .*such as") as raised:
        asyncio.run(serving)
    assert "s3c" not in str(raised.value)
