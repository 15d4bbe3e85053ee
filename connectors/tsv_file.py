"""Tab-separated files: CSV with a tab between the fields."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from connectors.base import Extract, Request
from connectors.csv_file import CsvConnector


class TsvConnector(CsvConnector):
    """Reads the files of a dataset as `CsvConnector` does."""

    @contextmanager
    def open(self, request: Request) -> Iterator[Extract]:
        """Check every file's header, then read; raises `SourceError`."""
        contract = request.contract
        tabbed = replace(contract, read=replace(contract.read, delimiter="\t"))
        with super().open(replace(request, contract=tabbed)) as extract:
            yield extract
