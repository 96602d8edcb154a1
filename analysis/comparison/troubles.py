"""Troubles: known failures that were recognised with the subject, and not with the reference."""

from collections.abc import Mapping

from wiretape.analysis.comparison.rule import Judgement, Severity
from wiretape.analysis.diagnosis import Diagnosis

TOLD: Mapping[str, str] = {
    "issuer_mismatch": "discovery.issuer-mismatch",
    "offline_access_missing": "scope.offline-access-missing",
    "refresh_as_json": "refresh.encoding",
    "session_id_not_exposed": "cors.session-id-not-exposed",
    "unauthorized_without_body": "challenge.GET.body-missing",
}
"""Differences that are the same as a trouble."""

BREAKING = frozenset(
    {
        "authorize_fails",
        "client_secret_missing",
        "cloud_id_missing",
        "issuer_mismatch",
        "refresh_as_json",
        "rotated_refresh_not_stored",
        "service_unreachable",
        "trailing_slash",
        "transport_mixed_up",
    }
)
"""Troubles after which nothing works; those that are but possible are risky all the same."""


def judge(diagnosis: Diagnosis) -> Judgement:
    """Judge a trouble; one that is a difference anyway goes by that difference's id."""
    breaks = diagnosis.id in BREAKING and diagnosis.confidence != "possible"
    severity: Severity = "breaking" if breaks else "risky"
    return Judgement(
        id=TOLD.get(diagnosis.id, f"trouble.{diagnosis.id}"),
        severity=severity,
        title=diagnosis.title,
        why=diagnosis.cause,
        remedy=diagnosis.remedy,
        requirement=diagnosis.source,
    )
