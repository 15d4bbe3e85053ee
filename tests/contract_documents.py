"""A valid contract document, and ways to spoil it."""

import copy
from pathlib import Path
from typing import Any

import yaml

Document = dict[str, Any]

#: As a value for `changed`: take the thing away.
ABSENT = object()

PERMITS = """
apiVersion: v3.2.0
kind: DataContract
id: city.permits
version: 1.0.0
status: active
name: Izin
description: {purpose: Permits of the city.}
team: {name: dpmptsp, description: Dinas Penanaman Modal}
servers:
  - {server: city, type: postgres, host: city.example, port: 5432, database: city, schema: public}
schema:
  - name: permits
    physicalName: izin
    properties:
      - name: permit_number
        logicalType: string
        logicalTypeOptions: {pattern: '^[A-Z]{2}[0-9]{6}$', minLength: 8, maxLength: 8}
        primaryKey: true
        primaryKeyPosition: 1
        classification: public
      - name: fee_amount
        logicalType: number
        physicalType: decimal(18,2)
        logicalTypeOptions: {minimum: 0}
      - {name: visit_count, logicalType: integer, logicalTypeOptions: {minimum: 0, maximum: 9}}
      - name: issued_date
        logicalType: date
        logicalTypeOptions: {format: dd/MM/yyyy, minimum: '2000-01-01'}
      - {name: updated_at, logicalType: timestamp, logicalTypeOptions: {timezone: true}}
      - {name: is_active, logicalType: boolean}
      - {name: extra, logicalType: object}
      - {name: state_code, logicalType: string, enum: [{value: A}, {value: '01', label: ada}]}
      - {name: office_code, logicalType: string, relationships: [{to: city.offices.office_code}]}
    quality:
      - {name: enough, type: library, metric: rowCount, mustBeGreaterThan: 10, severity: warning}
roles: [{role: bappeda, access: read}]
slaProperties:
  - {property: frequency, value: 1, unit: d, schedule: '0 2 * * *', scheduler: cron}
  - {property: latency, value: 26, unit: h}
  - {property: retention, value: 10, unit: y}
customProperties:
  - {property: read, value: {nullTokens: ['', '-'], filters: [{column: permit_number, pattern: '^JUMLAH'}]}}
  - {property: sync, value: {mode: incremental, watermark: updated_at, lookback: PT2H, maxDeletePct: 5}}
  - {property: access, value: {searchKeys: [permit_number]}}
"""

OFFICES = """
apiVersion: v3.2.0
kind: DataContract
id: city.offices
version: 1.0.0
servers:
  - {server: city, type: postgres, host: city.example, port: 5432, database: city, schema: public}
schema:
  - name: offices
    properties:
      - {name: office_code, logicalType: string, primaryKey: true}
      - {name: office_name, logicalType: string}
      - {name: floor_number, logicalType: integer, unique: true}
"""


def permits() -> Document:
    """A fresh copy of a valid contract that says something in every section."""
    return dict(yaml.safe_load(PERMITS))


def offices() -> Document:
    """A fresh copy of the contract that `permits` refers to."""
    return dict(yaml.safe_load(OFFICES))


def changed(document: Document, path: str, value: Any) -> Document:
    """A copy where the thing at `path` (`schema/permits/properties/fee_amount/required`) is `value`.

    Items of lists go by their name, property or number.
    """
    document = copy.deepcopy(document)
    *parents, last = path.split("/")
    here: Any = document
    for step in parents:
        here = here[_place(here, step)]
    place = _place(here, last)
    if value is ABSENT:
        del here[place]
    elif isinstance(here, list) and place == len(here):
        here.append(value)
    else:
        here[place] = value
    return document


def _place(here: Any, step: str) -> Any:
    if not isinstance(here, list):
        return step
    named = {
        str(item.get("name") or item.get("property")): i
        for i, item in enumerate(here)
        if isinstance(item, dict)
    }
    return named[step] if step in named else int(step)


def write(root: Path, *documents: Document) -> list[Path]:
    """Each document where its id says it belongs, below `root/schemas`."""
    files = []
    for document in documents:
        source, _, dataset = str(document["id"]).partition(".")
        file = root / "schemas" / "sources" / source / f"{dataset}.odcs.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
        files.append(file)
    return files
