"""Makes untrusted text safe to print."""


def printable(text: str) -> str:
    """Escape what a terminal might obey or hide: controls, bidirectional marks, line breaks."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode()
