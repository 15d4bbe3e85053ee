"""OpenLineage events: what each load and each build of a table read and wrote, down to columns.

One event at the end of each, told by the transport that OpenLineage's own variables (`OPENLINEAGE_*`) name,
else appended to `lineage/events.jsonl` in the hub's home. No values, only names and counts. Names follow
OpenLineage's naming of datasets.
"""

import logging
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from lumbung.lineage import columns_read
from lumbung.models import Model, Models
from schemas.contract import Contract

if TYPE_CHECKING:
    from openlineage.client import OpenLineageClient
    from openlineage.client.event_v2 import InputDataset, OutputDataset

    from lumbung.ledger import Load
    from lumbung.pipeline import Hub

log = logging.getLogger(__name__)

_PRODUCER = "https://lumbung.example/hub"
_PORTS = {"postgres": 5432, "mysql": 3306, "sqlserver": 1433, "oracle": 1521}
_SCHEMES = {"sqlserver": "mssql"}


def loaded(hub: "Hub", load: "Load") -> None:
    """Tell that a load of a dataset ended: from the source's table or file into its history."""
    from openlineage.client.event_v2 import OutputDataset
    from openlineage.client.facet_v2 import output_statistics_output_dataset as statistics

    contract = hub.dataset(load.dataset)
    counts = statistics.OutputStatisticsOutputDatasetFacet(rowCount=load.staged_count)
    output = OutputDataset(
        *_warehouse(hub, "history", contract.table),
        facets=_schema({column.name: column.pg_type for column in contract.columns}),
        outputFacets={"outputStatistics": counts},
    )
    done = load.state in ("applied", "superseded")
    _emit(hub, f"sync.{contract.id}", f"load/{load.load_id}", ([_source(contract)], [output]), done=done)


def built(hub: "Hub", models: Models, release_id: int, table: str) -> None:
    """Tell that a release's table was built: from what its model reads, column by column."""
    from openlineage.client.event_v2 import InputDataset, OutputDataset

    model = models[table]
    inputs = [InputDataset(*_warehouse(hub, read.schema, read.table)) for read in model.table_reads]
    output = OutputDataset(
        *_warehouse(hub, model.schema, model.table),
        facets={**_schema(_types(model)), "columnLineage": _columns(hub, models, model)},
    )
    _emit(hub, f"publish.{table}", f"release/{release_id}/{table}", (inputs, [output]), done=True)


def _source(contract: Contract) -> "InputDataset":
    """The table or file at the source, without credentials: the contract has none."""
    from openlineage.client.event_v2 import InputDataset

    server = contract.server
    assert server is not None, "source contracts have a server"
    said = {name: str(value) for name, value in server.settings.items()}
    if server.kind in _PORTS:
        host = f"{said.get('host', server.name)}:{said.get('port', _PORTS[server.kind])}"
        parts = (said.get("database"), said.get("schema"), contract.physical_name)
        return InputDataset(
            f"{_SCHEMES.get(server.kind, server.kind)}://{host}", ".".join(filter(None, parts))
        )
    if "location" in said:
        return InputDataset(said["location"], contract.read.endpoint or contract.physical_name)
    return InputDataset("file", "/".join(filter(None, (said.get("path"), contract.read.files))))


def _warehouse(hub: "Hub", schema: str, table: str) -> tuple[str, str]:
    parts = urlsplit(hub.warehouse.url)
    address = f"postgres://{parts.hostname or 'localhost'}:{parts.port or 5432}"
    return address, f"{parts.path.strip('/')}.{schema}.{table}"


def _types(model: Model) -> Mapping[str, str]:
    return {column.name: column.pg_type for column in model.contract.columns} if model.contract else {}


def _schema(columns: Mapping[str, str]) -> dict[str, Any]:
    from openlineage.client.facet_v2 import schema_dataset

    fields = [schema_dataset.SchemaDatasetFacetFields(name=name, type=kind) for name, kind in columns.items()]
    return {"schema": schema_dataset.SchemaDatasetFacet(fields=fields)} if fields else {}


def _columns(hub: "Hub", models: Models, model: Model) -> Any:
    from openlineage.client.facet_v2 import column_lineage_dataset as lineage

    fields = {
        column: lineage.Fields(
            inputFields=[
                lineage.InputField(*_warehouse(hub, *relation.split(".", 1)), field=name)
                for relation, name in origins
            ]
        )
        for column, origins in columns_read(models, model.name).items()
    }
    return lineage.ColumnLineageDatasetFacet(fields=fields)


def _emit(
    hub: "Hub",
    job: str,
    run: str,
    datasets: "tuple[list[InputDataset], list[OutputDataset]]",
    *,
    done: bool,
) -> None:
    """Send the event. What fails of it is logged: no load and no release waits for whoever listens."""
    from openlineage.client.event_v2 import Job, Run, RunEvent, RunState

    address, database = _warehouse(hub, "", "")
    event = RunEvent(
        eventTime=datetime.now(UTC).isoformat(),
        run=Run(runId=str(uuid5(NAMESPACE_URL, f"{address}/{database}/{run}"))),
        job=Job(namespace="lumbung", name=job),
        eventType=RunState.COMPLETE if done else RunState.FAIL,
        inputs=datasets[0],
        outputs=datasets[1],
        producer=_PRODUCER,
    )
    try:
        _client(hub).emit(event)
    except (OSError, RuntimeError, ValueError) as error:
        log.warning("no lineage event of %s: %s", job, type(error).__name__)


def _client(hub: "Hub") -> "OpenLineageClient":
    from openlineage.client import OpenLineageClient
    from openlineage.client.transport.file import FileConfig, FileTransport

    if any(name.startswith("OPENLINEAGE_") for name in os.environ):
        return OpenLineageClient()
    folder = hub.settings.home / "lineage"
    folder.mkdir(parents=True, exist_ok=True)
    return OpenLineageClient(transport=FileTransport(FileConfig(str(folder / "events.jsonl"), append=True)))
