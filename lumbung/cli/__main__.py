"""`python -m lumbung.cli` is `lumbung`."""

from lumbung.cli.entry import main

if __name__ == "__main__":
    main()
