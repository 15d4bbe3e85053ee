"""Numbers of people in texts that should hold none: a NIK where the name of a column is expected."""

import re

#: A NIK or a family card's number has 16 digits; a longer run may hold one.
_NUMBER = re.compile(r"[0-9]{16,}")
#: The region of first registration, which names nobody.
_SHOWN = 6


def without_numbers(text: str) -> str:
    """The text with all but the first six digits of such numbers made unreadable."""
    return _NUMBER.sub(lambda found: found[0][:_SHOWN] + "\u2022" * (len(found[0]) - _SHOWN), text)
