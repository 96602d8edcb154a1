"""From recordings to findings, profiles and reports."""
