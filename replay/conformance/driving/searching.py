"""Looks for secrets in what the target has printed; the recording says what kind is there."""

from collections.abc import Mapping
from urllib.parse import unquote

from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms.secrets import IN_LOG, LONG, SEARCHED


def search_log(stage: Stage, known: Mapping[str, str]) -> None:
    """Note which of the secrets are in the log, `known` by what they are.

    What a target prints that was not started here is not seen, and nothing is noted.
    """
    if not stage.target.restartable:
        return
    log = stage.target.log.read_text("utf-8", "replace")
    stage.note(SEARCHED, f"{len(known)} secrets in {len(log)} characters")
    spelt = unquote(log)
    for what in sorted({known[each] for each in known if len(each) >= LONG and each in spelt}):
        stage.note(IN_LOG, what)
