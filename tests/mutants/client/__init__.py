"""Mistakes of the client in `examples/client`.

Where a mistake would end the login, the client makes it first and then does it right: so it is
noticed by its check alone, and not by all those that need a login.
"""
