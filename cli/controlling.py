"""The control API, as its client in the command line asks it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx

from wiretape.cli.durations import seconds
from wiretape.recorder.errors import BadInputError, EnvironmentFaultError, UsageError
from wiretape.recorder.log.printable import printable
from wiretape.replay.control.access import Access

_FACTOR = re.compile(r"x(\d{1,6}(?:\.\d{1,6})?)")


@dataclass(frozen=True)
class Remote:
    """The control API of a process, and the service that is meant."""

    access: Access
    service: str

    def ask(self, method: str, path: str, **sent: Any) -> Any:
        """Ask about the service, or about all where the path begins with a slash."""
        where = path if path.startswith("/") else f"/services/{self.service}/{path}".rstrip("/")
        headers = {"authorization": f"Bearer {self.access.secret}"}
        try:
            with httpx.Client(trust_env=False, timeout=30) as http:
                answer = http.request(method, self.access.url + where, headers=headers, **sent)
        except (httpx.HTTPError, httpx.InvalidURL):
            raise EnvironmentFaultError(
                f"{printable(self.access.url)}: nothing answers; is the service over?"
            ) from None
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            raise BadInputError(
                f"{printable(self.access.url)}: it takes another secret: is the control file"
                " that of another run?"
            )
        if answer.is_error:
            raise UsageError(_complaint(answer))
        return answer.json() if answer.content else None


def time_change(change: str) -> dict[str, float]:
    """Read what is to become of a clock. Raises UsageError."""
    factor = _FACTOR.fullmatch(change)
    if factor:
        return {"rate": float(factor[1])}
    if change in {"stop", "run"}:
        return {"rate": float(change == "run")}
    if not change.startswith("+"):
        raise UsageError(f"clock {printable(change)}: say +3300s, +55m, stop, run or x60")
    return {"advance": seconds(change[1:], "clock")}


def checked_id(said: str) -> str:
    """Check what becomes part of a path."""
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", said):
        raise UsageError(f"{printable(said)}: no such id")
    return said


def journal_line(entry: Any) -> str:
    """Tell a request in a line; what there is nothing to say of is left out."""
    at = datetime.fromtimestamp(entry["at"], UTC).strftime("%H:%M:%S.%f")[:-3]
    asked = f"{entry['method']} {urlsplit(entry['url']).path}"
    site = entry["site"] if entry["site"] != "good" else None
    whose = " ".join(each for each in (entry["user"], entry["token"], site) if each)
    marks = [f"[{fault}]" for fault in entry["faults"]] + ["miss"] * bool(entry["miss"])
    where = entry["matched"] and f"from {entry['matched']}"
    told = (f"#{entry['number']} {at} {entry['status'] or '…'} {asked}", entry["operation"], whose)
    return printable("  ".join(each for each in (*told, where, *marks) if each))


def _complaint(answer: httpx.Response) -> str:
    """Say what the service has against a request, in one line."""
    try:
        detail = answer.json()["detail"]
    except (ValueError, KeyError, TypeError):
        return f"{answer.status_code}: is that the control API of wiretape replay?"
    if isinstance(detail, list):
        said = "; ".join(f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in detail)
        return printable(said)
    return printable(str(detail))
