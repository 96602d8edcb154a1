"""What is answered otherwise than the profile has it, at one place of the server."""

from collections.abc import Callable
from dataclasses import replace as changed

from mutants.mistake import replace
from wiretape.analysis.profile.model import Role
from wiretape.replay.http.messages import Ask, Reply
from wiretape.replay.service import Service


def altering(role: Role, alter: Callable[[Ask, Reply], Reply]) -> None:
    """Answer something else at the places of a role."""
    answer = Service.answer

    def careless(self: Service, ask: Ask) -> Reply:
        reply = answer(self, ask)
        return alter(ask, reply) if self._routes.role((ask.site, ask.path)) == role else reply

    replace(Service, "answer", careless)


def status(instead: int, of: int) -> Callable[[Ask, Reply], Reply]:
    """Give what answers with one status instead of another."""
    return lambda _, reply: changed(reply, status=instead) if reply.status == of else reply


def without(name: str) -> Callable[[Ask, Reply], Reply]:
    """Give what leaves out a header."""
    return lambda _, reply: reply.without(name)
