"""How a client's grant ends while it has one."""

from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms.renewals import SPOILT


def end_grant(stage: Stage) -> bool:
    """End the grant of whoever refreshes next; gives whether the client has to lend a hand.

    The service behind the target ends it. Where nothing is behind, the client is to replace its
    refresh token by one that was not issued.
    """
    if stage.kind != "server":
        stage.arm("invalid-grant:times=1")
        return False
    stage.note(SPOILT, "the client's refresh token is replaced by one that was not issued")
    return True
