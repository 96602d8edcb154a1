"""A refresh succeeds, but its answer is lost on the way."""

from wiretape.replay.fault import Fault, Options, Strike
from wiretape.replay.http.messages import Chunks, LostError, Reply


def _after(strike: Strike[Options], reply: Reply) -> Reply:
    del strike
    return reply.flowing(_half)


async def _half(chunks: Chunks) -> Chunks:
    async for chunk in chunks:
        yield chunk[: len(chunk) // 2]
        raise LostError("closed")


FAULT = Fault(
    about="tokens",
    title="the answer to a refresh is cut off after the tokens were rotated",
    finds="clients that are locked out when they use the old refresh token again",
    options=Options,
    concerns=lambda strike: strike.entry.operation == "refresh_token",
    only=lambda reply: "access_token" in reply.told,
    after=_after,
)
