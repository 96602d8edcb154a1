"""Troubles: known failures that were recognised with the subject, and not with the reference."""

from collections.abc import Mapping

from wiretape.analysis.comparison.rule import Judgement, Severity
from wiretape.analysis.diagnosis import Diagnosis

_TOLD: Mapping[str, str] = {
    "offline_access_missing": "scope.offline-access-missing",
    "refresh_as_json": "refresh.encoding",
    "session_id_not_exposed": "cors.session-id-not-exposed",
    "unauthorized_without_body": "challenge.GET.body-missing",
}
"""Differences that are the same as a trouble."""

_BREAKING = {
    "authorize_fails",
    "client_secret_missing",
    "refresh_as_json",
    "rotated_refresh_not_stored",
    "trailing_slash",
}


def judge(diagnosis: Diagnosis) -> Judgement:
    """Judge a trouble; one that is a difference anyway goes by that difference's id."""
    breaks = diagnosis.id in _BREAKING and diagnosis.confidence != "possible"
    severity: Severity = "breaking" if breaks else "risky"
    return Judgement(
        id=_TOLD.get(diagnosis.id, f"trouble.{diagnosis.id}"),
        severity=severity,
        title=diagnosis.title,
        why=diagnosis.cause,
        remedy=diagnosis.remedy,
        requirement=diagnosis.source,
    )
