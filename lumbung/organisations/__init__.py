"""Which agency a record means, by its code, by its name, or by both, at the time of which it speaks."""
