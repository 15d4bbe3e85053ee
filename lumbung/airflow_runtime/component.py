"""One process of the live Airflow: `python -m lumbung.airflow_runtime.component PARENT scheduler ...`."""

import importlib
import sys

from lumbung.airflow_runtime.processes import die_with

#: Seconds to import. The LocalExecutor forks its tasks from the scheduler's process: what is imported here,
#: before, no task has to import again.
_SLOW_IMPORTS = (
    "great_expectations", "great_expectations.expectations", "sqlglot", "lumbung.pipeline",
    "openlineage.client.event_v2",
)  # fmt: skip


def main(parent: int, command: list[str]) -> None:
    """Run an Airflow command line that ends when the process `parent` does."""
    die_with(parent)
    if command[0] == "scheduler":
        for module in _SLOW_IMPORTS:
            importlib.import_module(module)
    sys.argv = ["airflow", *command]
    importlib.import_module("airflow.__main__").main()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
