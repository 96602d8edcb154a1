"""A recording of Atlassian's MCP service as it was in August 2025, with made-up values."""

from official.clients import mcp_remote, probe, vs_code
from official.service import Official
from play import Play


def official() -> Play:
    """Let a probe walk the service through the life of a token, and two clients work meanwhile."""
    play = Play()
    service = Official(play)
    walker, editor, desktop = probe(service), vs_code(service), mcp_remote(service)
    walker.look_around()
    walker.begin_life()
    editor.sign_in()
    editor.work()
    desktop.work()
    walker.end_life()
    walker.reuse_refresh_tokens()
    play.later(600)
    editor.work_on()
    return play
