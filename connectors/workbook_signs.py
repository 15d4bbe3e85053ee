"""What a piece of a workbook's XML may hold that needs a closer look, told quickly for all its bytes at once.

A sheet of 100,000 rows unpacks to 80 MB, and patterns that are sought one after the other take half as long
as the reader itself; comparing whole arrays takes a tenth of that, and other threads may run meanwhile. No
sign means that there is nothing; a sign only that it may be there.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]

#: So many bytes are compared at once, and so many of them again with the next: more than any sign has.
_WINDOW, _SHARED = 1 << 17, 16
#: So many bytes, which mean nothing, stand behind a window: what is cut there is whole in the next one.
_BEHIND = 16


class Signs(NamedTuple):
    """A far place (6 digits, 3 letters or past column NZ), rows and cells that don't begin with their place,
    an attribute that is "e", and a formula."""

    far: bool
    odd_rows: bool
    odd_cells: bool
    error: bool
    formula: bool


class Sieve:
    """Finds signs in pieces, each of which repeats some bytes of the one before and is UTF-8 or ASCII.

    The arrays are used again and again: to be given new memory each time takes longer than the comparing.
    """

    def __init__(self) -> None:
        size = _WINDOW + _BEHIND
        self._text, self._lower, self._shifted = np.empty((3, size), np.uint8)
        self._opening, self._quote, self._letter, self._one, self._two, self._three = np.empty(
            (6, size), bool
        )

    def signs_of(self, piece: bytes) -> Signs:
        """The signs anywhere in the piece."""
        starts = range(0, max(1, len(piece) - _SHARED), _WINDOW - _SHARED)
        found = [self._signs(memoryview(piece)[start : start + _WINDOW]) for start in starts]
        return Signs(*map(any, zip(*found, strict=True)))

    def _signs(self, window: memoryview) -> Signs:
        count = len(window)
        text = self._text[: count + _BEHIND]
        text[:count] = np.frombuffer(window, np.uint8)
        text[count:] = ord("_")
        opening, quote = self._opening[: len(text)], self._quote[: len(text)]
        self._either(text, b"<:", opening)
        self._either(text, b"\"'", quote)
        lower = np.bitwise_or(text, 32, out=self._lower[: len(text)])
        # What is below the first of a range wraps around.
        shifted = np.subtract(lower, ord("a"), out=self._shifted[: len(text)])
        letter = np.less(shifted, 26, out=self._letter[: len(text)])
        far = self._many_digits(text, quote, letter) or self._far_letters(text, lower, quote, letter)
        odd = self._odd(text[: max(count, _BEHIND)], opening)
        return Signs(far, *odd, self._error(text, quote), self._formula(text, opening))

    def _either(self, text: Bytes, two: bytes, out: Mask) -> None:
        np.equal(text, two[0], out=out)
        out |= np.equal(text, two[1], out=self._one[: len(text)])

    def _many_digits(self, text: Bytes, quote: Mask, letter: Mask) -> bool:
        """Whether six digits follow a quote or a letter."""
        shifted = np.subtract(text, ord("0"), out=self._shifted[: len(text)])
        digit = np.less(shifted, 10, out=self._one[: len(text)])
        two = np.bitwise_and(digit[:-1], digit[1:], out=self._two[: len(text) - 1])
        six = np.bitwise_and(two[:-4], two[2:-2], out=self._one[: len(two) - 4])
        six &= two[4:]
        before = np.bitwise_or(quote, letter, out=self._two[: len(text)])
        before[: len(six) - 1] &= six[1:]
        return bool(before[: len(six) - 1].any())

    def _far_letters(self, text: Bytes, lower: Bytes, quote: Mask, letter: Mask) -> bool:
        """Whether three letters, or two from OA on, follow `r="`, or a quote with blanks before it."""
        begins = np.bitwise_and(quote[2:-2], letter[3:-1], out=self._one[: len(text) - 4])
        begins &= letter[4:]
        at = np.flatnonzero(begins) + 2
        equals, name = text[at - 1], text[at - 2]
        may_be_place = (equals <= ord(" ")) | (
            (equals == ord("=")) & ((name == ord("r")) | (name <= ord(" ")))
        )
        return bool((may_be_place & (letter[at + 3] | (lower[at + 1] >= ord("o")))).any())

    def _error(self, text: Bytes, quote: Mask) -> bool:
        found = np.equal(text[1:-1], ord("e"), out=self._one[: len(text) - 2])
        found &= quote[:-2]
        found &= quote[2:]
        return bool(found.any())

    def _formula(self, text: Bytes, opening: Mask) -> bool:
        found = np.equal(text[1:-1], ord("f"), out=self._one[: len(text) - 2])
        beside = np.equal(text[2:], ord(">"), out=self._two[: len(text) - 2])
        beside |= opening[:-2]
        found &= beside
        return bool(found.any())

    def _odd(self, text: Bytes, opening: Mask) -> tuple[bool, bool]:
        """Whether there are tags of rows, and of cells, that go on otherwise than with ` r=`."""
        count = len(text)
        r = np.equal(text, ord("r"), out=self._one[:count])
        placed = np.equal(text[:-2], ord(" "), out=self._two[: count - 2])
        placed &= r[1:-1]
        placed &= np.equal(text[2:], ord("="), out=self._three[: count - 2])
        unplaced = np.logical_not(placed, out=placed)
        cells = np.equal(text[1:-3], ord("c"), out=self._three[: count - 4])
        cells &= opening[: count - 4]
        cells &= unplaced[2:]
        odd_cells = _any_whole(text[np.flatnonzero(cells) + 2])
        rows = np.equal(text[2:-4], ord("o"), out=self._three[: count - 6])
        rows &= opening[: count - 6]
        rows &= r[1:-5]
        rows &= unplaced[4:]
        tags = np.flatnonzero(rows)
        return _any_whole(text[tags[text[tags + 3] == ord("w")] + 4]), odd_cells


def _any_whole(ends: Bytes) -> bool:
    """Whether a tag's name ends with one of these bytes behind it."""
    return bool(((ends <= ord(" ")) | (ends == ord(">")) | (ends == ord("/"))).any())
