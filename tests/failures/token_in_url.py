"""A client opens its stream with the token in the query, where every log keeps it."""

import secrets

from starlette.requests import Request
from starlette.responses import Response

from failures.scene import browser, refusing, serving
from loopback import Recorder
from wiretape.recorder.log.exchanges import Exchange
from wiretape.recorder.log.urls import query

DIAGNOSIS = "token_in_url"


async def play(recorder: Recorder, *, mended: bool) -> None:
    token = secrets.token_hex(24)

    def stream(request: Request) -> Response:
        spelt = request.headers.get("authorization", "").removeprefix("Bearer ")
        known = token in {spelt, request.query_params.get("access_token")}
        if not known:
            return Response("unknown token", 401)
        event = "event: endpoint\ndata: /messages?session_id=1\n\n"
        return Response(event, media_type="text/event-stream")

    async with serving(refusing(Response(status_code=404), stream)) as origin:
        accept = {"accept": "text/event-stream"}
        async with browser(recorder) as http:
            if mended:
                headers = accept | {"authorization": f"Bearer {token}"}
                opened = await http.get(f"{origin}/sse", headers=headers)
            else:
                query = {"access_token": token}
                opened = await http.get(f"{origin}/sse", params=query, headers=accept)
        assert opened.status_code == 200


def seen(exchanges: list[Exchange]) -> bool:
    return any("access_token" in query(each.request.url) for each in exchanges)
