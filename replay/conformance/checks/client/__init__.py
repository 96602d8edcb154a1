"""What is asked of a client: a command that logs in, lists tools and calls one."""
