"""Says how many there are of something."""


def counted(number: int, what: str) -> str:
    """Give a number with its noun, `1 record` or `2 records`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
