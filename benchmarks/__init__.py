"""Speed and memory, as ratios within one run: never absolute, never in a test."""
