"""Lineage to the column: from which columns of which relations an output column of a model is made."""

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

from lumbung.errors import ModelError
from lumbung.models import DIALECT, Model, Models
from lumbung.resolution.tables import tables_of

Schema = dict[str, object]


def columns_read(models: Models, name: str) -> dict[str, list[tuple[str, str]]]:
    """By output column of the model, the (relation, column) pairs it is computed from, sorted.

    Relations are named as in the SQL: `current.siak__residents`, `integrated.person`. A column made
    from none (a literal, `count(*)`) has an empty list. Only what a column's value is computed from
    counts, not what filters or joins. Raises `ModelError` when a column can't be traced.
    """
    model = models[name]
    schema = _schema(models, model)
    tree = _qualified(model, schema)
    found = lineage(None, tree, schema=schema, dialect=DIALECT)
    return {
        column: sorted(
            {
                (
                    f"{node.expression.db}.{node.expression.name}",
                    exp.to_column(node.name, dialect=DIALECT).name,
                )
                for node in origin.walk()
                # What is read of a function such as generate_series has no schema and comes from nowhere.
                if isinstance(node.expression, exp.Table) and node.expression.db
            }
        )
        for column, origin in found.items()
    }


def readers(models: Models, relation: str, column: str) -> list[str]:
    """The models' columns whose values are made from this one, through other models too, as
    `published.progress.pagu_amount`; and as `published.progress (condition)` the models that filter, join or
    group by it.
    """
    reached = {(relation, column)}
    found: list[str] = []
    for model in models:
        if not {read.name for read in model.table_reads} & {name for name, _ in reached}:
            continue
        made = [c for c, origins in columns_read(models, model.name).items() if reached & set(origins)]
        reached |= {(model.name, c) for c in made}
        found += [f"{model.name}.{c}" for c in made]
        if not made and reached & _mentioned(models, model):
            found.append(f"{model.name} (condition)")
    return found


def _mentioned(models: Models, model: Model) -> set[tuple[str, str]]:
    """Every (relation, column) that stands anywhere in the model."""
    found = set()
    for scope in traverse_scope(_qualified(model, _schema(models, model))):
        for column in scope.columns:
            source = scope.sources.get(column.table)
            if isinstance(source, exp.Table):
                found.add((f"{source.db}.{source.name}", column.name))
    return found


def _qualified(model: Model, schema: Schema) -> exp.Query:
    try:
        tree = qualify(sqlglot.parse_one(model.sql, dialect=DIALECT), schema=schema, dialect=DIALECT)
    except SqlglotError as error:
        raise ModelError(f"{model.file}: columns can't be traced: {str(error).splitlines()[0]}") from None
    assert isinstance(tree, exp.Query)
    return tree


def _schema(models: Models, model: Model) -> Schema:
    """The columns of everything that the model reads; their types don't matter here."""
    schema: dict[str, dict[str, dict[str, str]]] = {}
    by_table = {contract.table: contract for contract in models.catalogue.sources.values()}
    for read in model.table_reads:
        if read.schema == "current":
            names = list(by_table[read.table].names)
        elif read.schema == "history":
            names = [*by_table[read.table].names, "recorded_from", "recorded_to"]
        elif read.schema == "identity":
            names = list(tables_of(models.catalogue)[read.table].names)
        else:
            names = _outputs(models, models[read.name])
        schema.setdefault(read.schema, {})[read.table] = dict.fromkeys(names, "text")
    return dict(schema)


def _outputs(models: Models, model: Model) -> list[str]:
    if model.contract:
        return list(model.contract.names)
    return list(_qualified(model, _schema(models, model)).named_selects)
