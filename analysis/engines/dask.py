"""Folds on a Dask cluster: a fleet's recordings, on many machines.

The workers read the recordings themselves, so a path must mean the same file to all of them.
Parts are merged where they are; only whole recordings come back.
"""

import pickle
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, cast

from wiretape.analysis.folding.audience import Audience, Learnt, merge
from wiretape.analysis.folding.parts import Part, Progress, parts
from wiretape.analysis.folding.whole import Folded, Folding, fold_part, joined, merged
from wiretape.analysis.observers import Watchers, observers
from wiretape.recorder.errors import EnvironmentFaultError, UsageError, WiretapeError

PART_BYTES = 128 * 2**20
"""About how large parts are: what repeats is learnt anew of each, wherever it is folded."""

_CONNECTING = 10
"""Seconds to wait for a scheduler."""


class _Done(NamedTuple):
    """A part, or several that were merged, with what was learnt of it."""

    folded: Folded
    learnt: Learnt


def fold(
    paths: Sequence[Path],
    scheduler: str | None,
    progress: Progress,
    part_bytes: int = PART_BYTES,
    watchers: Watchers = observers,
) -> Folding:
    """Fold recordings.

    `scheduler` is a cluster's address, such as `tcp://host:8786`; without one a cluster is started
    on this machine. Raises UsageError if Dask is not installed, EnvironmentFaultError if there is
    no scheduler at that address.
    """
    audience = Audience(watchers())
    learnt = audience.learnt()
    with _connected(scheduler) as client:

        def recordings() -> Iterator[Folded]:
            cut = [list(parts(number, path, part_bytes)) for number, path in enumerate(paths)]
            submitted = deque(_submitted(client, of_one, watchers) for of_one in cut)
            for of_one in cut:
                # What nobody holds a future of, the cluster forgets.
                done: _Done | WiretapeError = submitted.popleft().result()
                if isinstance(done, WiretapeError):
                    raise done
                merge(learnt, done.learnt)
                progress(sum(part.size for part in of_one))
                yield done.folded

        whole = joined(recordings(), audience)
    return Folding(whole, audience.learnt())


def _submitted(client: Any, of_one: list[Part], watchers: Watchers) -> Any:
    """Have the parts of one recording folded, and merged from the first on; gives the future.

    What a part could not know by itself is settled as soon as it is merged with all before it;
    merged with its neighbours only it would grow.
    """
    whole, *rest = [client.submit(_fold, part, watchers, pure=False) for part in of_one]
    for part in rest:
        whole = client.submit(_merged, whole, part, watchers, pure=False)
    return whole


def _fold(part: Part, watchers: Watchers) -> _Done | WiretapeError:
    """Fold a part. An error is given like a result, so that merging finds the first of several."""
    audience = Audience(watchers())
    try:
        return _Done(fold_part(part, audience), audience.learnt())
    except WiretapeError as error:
        return error


def _merged(
    first: _Done | WiretapeError, then: _Done | WiretapeError, watchers: Watchers
) -> _Done | WiretapeError:
    if isinstance(first, WiretapeError):
        return first
    if isinstance(then, WiretapeError):
        return then
    # Dask may use what it gave to a task again, if the task has to be repeated elsewhere.
    copies = pickle.loads(pickle.dumps((first, then)))  # noqa: S301 - pickled right here
    before, after = cast("tuple[_Done, _Done]", copies)
    audience = Audience(watchers())
    before.folded.fold.bind(audience)
    whole = merged(before.folded, after.folded)
    for more in (after.learnt, audience.learnt()):
        merge(before.learnt, more)
    return _Done(whole, before.learnt)


@contextmanager
def _connected(scheduler: str | None) -> Iterator[Any]:
    try:
        import distributed  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError("the dask engine needs an extra: pip install 'wiretape[dask]'") from error
    untyped: Any = distributed
    if scheduler is None:
        cluster = untyped.LocalCluster(dashboard_address="127.0.0.1:0", host="127.0.0.1")
        with cluster, untyped.Client(cluster) as client:
            yield client
        return
    try:
        client = untyped.Client(scheduler, timeout=_CONNECTING)
    except (OSError, ValueError) as error:
        raise EnvironmentFaultError(f"no Dask scheduler at {scheduler}: {error}") from error
    with client:
        yield client
