"""`python -m benchmarks.linkage`: precision, recall, F1 and pairs a second, on data whose truth is known.

Exit code 1 when a bound is missed.
"""

import argparse
import subprocess
import sys
from collections.abc import Callable

from benchmarks.linkage import city, fake, febrl
from benchmarks.linkage.measuring import HEADING, Line

#: What can be measured. `all` takes them in this order.
PARTS: dict[str, Callable[[], list[Line]]] = {
    "febrl": febrl.measure,
    "fake": fake.measure,
    "city": city.measure,
}


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser("python -m benchmarks.linkage", description=__doc__)
    parser.add_argument("part", nargs="?", choices=[*PARTS, "all"], default="all")
    part = parser.parse_args().part
    if part == "all":
        # Each in a process of its own: the peak of memory is the process's.
        return max(subprocess.call([sys.executable, "-m", "benchmarks.linkage", one]) for one in PARTS)
    lines = PARTS[part]()
    print(HEADING)
    for line in lines:
        line.show()
    return 0 if all(line.within for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
