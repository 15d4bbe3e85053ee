"""Sources: each connector turns one kind of source into blocks of COPY text. Knows no warehouse."""
