"""A raw HTTP client and a raw HTTP server on loopback, and the recorder between them as a process.

Both ends say and hear single bytes: nothing that a library would smooth over is hidden. They run
in one event loop, so a server can wait for what its client has got, instead of sleeping for luck.

    async with Origin(script) as origin:
        told = await talk(Ask(origin, b"GET", b"/notes"), Direct())
"""

from loopback.asking import Ask, Direct, Proxied, Told, Way, ask, talk
from loopback.http1 import Message
from loopback.origin import Origin, Script, Turn, answer
from loopback.recorder import Recorder, recording

__all__ = [
    "Ask",
    "Direct",
    "Message",
    "Origin",
    "Proxied",
    "Recorder",
    "Script",
    "Told",
    "Turn",
    "Way",
    "answer",
    "ask",
    "recording",
    "talk",
]
