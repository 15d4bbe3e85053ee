"""Examples below a command's help."""


def examples(*lines: str) -> str:
    """The lines as an epilog that is shown as it is written."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
