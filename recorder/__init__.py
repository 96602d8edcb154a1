"""Record live OAuth and MCP sessions into a JSONL recording that holds no secret.

`log` is the recording itself, `redaction` what keeps secrets out of it, `capture` the mitmproxy
add-on that fills it.
"""
