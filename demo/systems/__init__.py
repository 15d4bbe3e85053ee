"""One module a source system: each writes the day's rows into a real system of its kind."""
