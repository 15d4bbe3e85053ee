"""A synthetic city: source systems like those of Pontianak, with known faults, deterministic by seed.

Nobody in it exists. The hub may not import this package, nor read the manifest of planted faults.
"""

from demo.build import DemoUrls, build
from demo.links import connections

__all__ = ["DemoUrls", "build", "connections"]
