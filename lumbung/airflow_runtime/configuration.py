"""Airflow's configuration, as environment variables: for one run in a process, and for running live."""

import os
from collections.abc import Mapping
from pathlib import Path

import lumbung
from lumbung.airflow_runtime.keys import USER, Keys, passwords_file
from lumbung.settings import Settings

#: Names the database of Airflow's metadata.
DATABASE = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
_PREFIX = "AIRFLOW__"
_SECRETS = ("AIRFLOW__SECRETS__", "AIRFLOW__WORKERS__SECRETS_")


def dags_folder() -> Path:
    """Where the DAG files lie: beside the package, in a checkout and when installed."""
    return Path(lumbung.__file__).resolve().parents[1] / "dags"


def run_environment(settings: Settings, given: Mapping[str, str], scratch: Path) -> dict[str, str]:
    """The environment of one run in a process: `given` (the caller's), with the hub's choices on top.

    Airflow settings in `given` (`AIRFLOW__SECTION__KEY`) are another Airflow's and are dropped, but for
    secrets backends: they are how a deployment brings its credentials.
    """
    kept = {k: v for k, v in given.items() if not k.startswith(_PREFIX) or k.startswith(_SECRETS)}
    return {**kept, **_shared(settings, scratch, f"sqlite:///{scratch}/airflow.db")}


def live_environment(
    settings: Settings, given: Mapping[str, str], database: str, keys: Keys, address: str
) -> dict[str, str]:
    """The environment of the live Airflow's processes: the hub's choices, with `given` on top.

    `database` is the URL of the PostgreSQL database for Airflow's metadata, `address` where its API listens.
    """
    folder = settings.home / "airflow"
    # psycopg is the one driver that is here, for plain and for async sessions.
    url = "://" + database.partition("://")[2]
    ours = {
        **_shared(settings, folder, f"postgresql+psycopg{url}"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": f"postgresql+psycopg_async{url}",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": str(max(2, os.cpu_count() or 2)),
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        # Tasks are forked from a process that has imported what is slow to import.
        "AIRFLOW__CORE__MP_START_METHOD": "fork",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "AIRFLOW__CORE__FERNET_KEY": keys.fernet,
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords_file(folder)),
        "AIRFLOW__API__BASE_URL": address,
        "AIRFLOW__API__INSTANCE_NAME": "Lumbung",
        "AIRFLOW__API__SECRET_KEY": keys.signing,
        "AIRFLOW__API_AUTH__JWT_SECRET": keys.signing,
        # A hop between tasks costs what these say; their defaults are made for hundreds of DAGs.
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.1",
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        # So soon does a new contract become a DAG. A parse that ends in the same instant as a run leaves the
        # DAG marked as busy until the next parse, so this is also the longest a release waits for nothing.
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "15",
    }
    own = ("AIRFLOW_HOME", "LUMBUNG_PROJECT", "LUMBUNG_HOME", DATABASE)
    return {**ours, **given, **{name: ours[name] for name in own}}


def _shared(settings: Settings, airflow_home: Path, database: str) -> dict[str, str]:
    hub = {
        "LUMBUNG_PROJECT": str(settings.project),
        "LUMBUNG_HOME": str(settings.home),
        "LUMBUNG_TIMEZONE": settings.timezone.key,
    }
    if settings.warehouse_url:
        hub["LUMBUNG_WAREHOUSE_URL"] = settings.warehouse_url
    return {
        **hub,
        "AIRFLOW_HOME": str(airflow_home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags_folder()),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        DATABASE: database,
        "AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS": "False",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(settings.home / "logs" / "tasks"),
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
        # Nothing of a city's is told to anybody by the libraries it stands on.
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "GX_ANALYTICS_ENABLED": "false",
    }
