"""Floating-point numbers as texts that lose nothing and pretend nothing."""

import struct


def shortest(value: float) -> str:
    """The shortest decimal that gives the same 4-byte float: 0.1, not 0.10000000149011612."""
    exact = float(value)
    for digits in range(6, 10):
        near = float(f"{exact:.{digits}g}")
        if struct.pack("f", near) == struct.pack("f", exact):
            break
    return repr(near)
