"""Which business is which: the rules for their numbers and names."""
