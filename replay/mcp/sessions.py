"""The MCP sessions of a service, and the streams on which they are spoken to."""

from dataclasses import dataclass, field

from wiretape.replay.streams import Stream


@dataclass(eq=False)
class Session:
    """A session; `grant` is the number of the grant it was begun on, `stream` its open stream."""

    id: str
    grant: int | None
    revision: str | None = None
    stream: Stream | None = None

    def say(self, line: bytes, late: float = 0) -> None:
        """Send a message on the stream, so many seconds later."""
        if self.stream is not None:
            self.stream.send(line, late=late)


@dataclass
class Sessions:
    """All sessions, by their ids."""

    open: dict[str, Session] = field(default_factory=dict)

    def begin(self, session: Session) -> Session:
        """Take in a new session."""
        self.open[session.id] = session
        return session

    def of(self, id_: str, grant: int | None) -> Session | None:
        """Give the session of that id, if it was begun on the same grant."""
        found = self.open.get(id_)
        return found if found is not None and found.grant == grant else None

    def end(self, id_: str) -> None:
        """Forget a session, and end its stream."""
        found = self.open.pop(id_, None)
        if found is not None and found.stream is not None:
            found.stream.end()

    def end_all(self) -> None:
        """Forget all sessions."""
        for id_ in tuple(self.open):
            self.end(id_)
