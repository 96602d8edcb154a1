"""docs/faults.md: all that there is to know about faults, from what they declare."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from wiretape.cli.fault_list import Choice, Listed, conditions, listed

_HEAD = """\
# Faults

A replayed service misbehaves on demand, so that it shows what a client makes of it. Each fault does
one thing to the wire; requests that it does not strike are answered as ever.

<!-- Written by `make docs`. -->

## Arming

On the command line, as often as wanted:

```sh
wiretape replay atlassian-2026-09 --fault unauthorized:times=1 --fault latency:seconds=2,role=token
```

In a file, `wiretape replay atlassian-2026-09 --scenario bad-day.toml`; what cannot be there is an
error that names the file, the table and the key:

```toml
[[fault]]
name = "token-rate-limited"
retry_after = 5
times = 2

[[fault]]
name = "stream-terminated"
after = 3
since = 60  # from a minute after the start on, by the service's clock
user = "user-2"
```

In a test, before it begins and while it runs:

```python
@pytest.mark.wiretape("atlassian-2026-09", faults=["unauthorized:times=1"])
def test_my_client_survives(wiretape_service):
    my_client.connect(wiretape_service.url)
    armed = wiretape_service.arm("session-gone", nth=2, method="tools/call")
    ...
    wiretape_service.disarm(armed)  # without `armed`: all of them
```

Without pytest, the context manager `replayed(profile, faults=("unauthorized:times=1",))` of
`wiretape.replay.background` gives the same.

While the service runs, from outside: `--control-file` writes where, and with which secret.

```sh
wiretape replay atlassian-2026-09 --control-file control.json &
export WIRETAPE_CONTROL_FILE=control.json
wiretape control fault arm unauthorized:times=1
wiretape control fault list
wiretape control fault disarm all
```

Programs post the same to the control API, `/services/main/faults`:

```json
{"fault": "stream-cut", "options": {"after": 2, "user": "user-1"}}
```

Which faults struck a request is in its entry of the journal.

## Whom a fault strikes

"""

_CHOOSING = """
All conditions must hold. Requests are counted for each armed fault by itself, and only those that
get as far as it is about: a call that is refused for its token is none that could be answered with
`wrong-id`. The same `seed` chooses the same of the same requests.

Several faults can strike one request. They do so in the order in which they were armed: of those
that answer instead of the service the first does, and each of the others alters what those before
it left. One fault can be armed several times.

"""


def page() -> str:
    """Write the page."""
    return "".join(_parts())


def _parts() -> Iterator[str]:
    yield _HEAD
    conditioned = ((f"`{each.name}`", _said(each)) for each in conditions())
    yield _table(("Condition", "Means"), conditioned)
    yield _CHOOSING
    yield "## All faults\n"
    for about, faults in groupby(listed(), lambda each: each.fault.about):
        yield f"\n### {about.capitalize()}\n\n"
        yield _table(("Fault", "What happens", "Finds"), map(_row, faults))


def _row(each: Listed) -> tuple[str, ...]:
    options = "".join(f"<br>`{choice.name}`: {_said(choice)}" for choice in each.choices)
    return f"`{each.name}`", each.fault.title + options, each.fault.finds


def _said(choice: Choice) -> str:
    return choice.meaning + ("" if choice.usually is None else f" (`{choice.usually}`)")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    cells = (" | ".join(cell.replace("|", "\\|") for cell in line) for line in lines)
    return "".join(f"| {each} |\n" for each in cells)
