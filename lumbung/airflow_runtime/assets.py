"""The Airflow Assets that tie publishing to syncing."""

from airflow.sdk import Asset


def asset_of(dataset: str) -> Asset:
    """The Asset that a dataset's `apply` updates.

    Its URI is a name, not an address: it is the same in every deployment and needs no connection to
    work out, so DAG files stay deterministic.
    """
    table = dataset.replace(".", "__")
    return Asset(name=dataset, uri=f"postgres://lumbung:5432/warehouse/current/{table}", group="dataset")
