"""How well and how fast records are linked, measured on data whose truth is known."""
