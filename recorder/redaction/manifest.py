"""The manifest: what was redacted, in a file beside the recording."""

import json
import os
from dataclasses import asdict
from pathlib import Path

from wiretape.recorder.errors import EnvironmentFaultError
from wiretape.recorder.redaction.redactor import Redactor


def write_manifest(recording: Path, redactor: Redactor) -> Path:
    """Write what a redactor did for the recording at this path; gives the manifest's path.

    Raises EnvironmentFaultError if it cannot be written.
    """
    path = recording.with_suffix(".redaction.json")
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(file, "w") as stream:
            json.dump(asdict(redactor.manifest()), stream, indent=2)
            stream.write("\n")
    except OSError as error:
        raise EnvironmentFaultError(f"cannot write {path}: {error.strerror}") from None
    return path
