"""The recording: its records, written and read as JSONL, and folded into exchanges and sessions."""
