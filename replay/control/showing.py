"""What there is to see of a service, as the control API tells it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass

from wiretape.replay import arming, journal
from wiretape.replay.control import models
from wiretape.replay.control.tokens import listed
from wiretape.replay.edge.serving import Running
from wiretape.replay.service import Service


def state(name: str, at: Running, control: str) -> models.State:
    """Give a service at a glance."""
    world = at.service.world
    return models.State(
        name=name,
        profile=world.profile.name,
        control=control,
        urls=list(at.urls),
        origins=dict(at.origins.local),
        ca_file=None if at.authority is None else str(at.authority.file),
        clock=time(at.service),
        armed=armed(at.service),
        clients=len(world.state.clients),
        tokens=len(world.state.lineages),
        sessions=len(world.sessions.open),
        requests=len(world.journal),
        misses=len(world.journal.misses),
    )


def time(service: Service) -> models.Time:
    """Give what the clock shows."""
    clock = service.world.clock
    return models.Time(now=clock.now(), rate=clock.rate)


def armed(service: Service) -> list[models.Armed]:
    """Give the faults that are armed."""
    return [one_armed(each) for each in service.faults]


def one_armed(each: arming.Armed) -> models.Armed:
    """Give a fault that is armed."""
    return models.Armed(
        id=each.id,
        name=each.name,
        options=models.plain(each.options),
        when=models.plain(each.when),
        seen=each.seen,
        struck=each.struck,
    )


def known() -> list[models.Known]:
    """Give all faults that can be armed."""
    return [
        models.Known(
            name=name,
            title=fault.title,
            finds=fault.finds,
            options={
                key: about
                for model in (fault.options, arming.When)
                for key, about in model.model_json_schema().get("properties", {}).items()
            },
        )
        for name, fault in arming.known().items()
    ]


def users(service: Service) -> list[models.User]:
    """Give who can consent, and whoever has tokens besides."""
    good = Counter(token.user for token in listed(service) if token.standing == "good")
    return [
        models.User(name=name, consents=name in service.choices.users, good_tokens=good[name])
        for name in dict.fromkeys((*service.choices.users, *good))
    ]


@dataclass(frozen=True)
class Filter:
    """Which entries of the journal are wanted; what is None does not matter."""

    since: int = 0
    role: str | None = None
    method: str | None = None
    operation: str | None = None
    user: str | None = None
    status: int | None = None
    fault: str | None = None
    misses: bool = False

    def lets(self, entry: journal.Entry) -> bool:
        """Tell whether an entry is wanted."""
        return (
            entry.number > self.since
            and self.role in {None, entry.role}
            and self.method in {None, entry.method}
            and self.operation in {None, entry.operation}
            and self.user in {None, entry.user}
            and self.status in {None, entry.status}
            and (self.fault is None or self.fault in entry.faults)
            and (entry.miss is not None or not self.misses)
        )


def page(service: Service, lets: Callable[[journal.Entry], bool], most: int) -> models.Page:
    """Give the first so many entries that a filter lets through."""
    told = service.world.journal
    entries = [models.Entry.model_validate(asdict(entry)) for entry in told if lets(entry)][:most]
    return models.Page(entries=entries, dropped=told.dropped)
