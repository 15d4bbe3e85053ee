"""Dates, times and timestamps from text, in SQL: ISO 8601 unless the contract declares a format."""

from psycopg import sql

from lumbung.sqltext import Reading, first_of, guarded, prints_as, proven, valid
from schemas.contract import Column
from schemas.formats import EXCEL, MONTHS, Part, alternatives, parse_format

_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6}0*)?)?"
_OFFSET = r" ?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_LOCAL = "timestamp without time zone"
_ZONED = "timestamp with time zone"
#: How a true date, time or timestamp cell of a spreadsheet arrives.
_CELLS = {
    "date": rf"^{_DAY}(?: 00:00:00)?$",
    "time": r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{6})?$",
    "timestamp": rf"^{_DAY}(?: (?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{{6}})?)?$",
}

Fields = dict[str, sql.Composable]


def temporal(column: Column, text: sql.Identifier, guess: sql.Identifier, has_cells: bool) -> Reading:
    """How a date, time or timestamp column is read; NULL where the text is none in its format.

    `has_cells` is true of spreadsheets, whose true date cells arrive in ISO form beside the texts.
    """
    trimmed = sql.SQL("btrim({})").format(text)
    declared = column.options.get("format")
    if declared is not None:
        first, *others = alternatives(declared)
        more = [_strictly(column, trimmed, other) for other in others]
        more += [_cell(column, trimmed)] if has_cells else []
        return _first(column, text, guess, first, more)
    if column.logical_type == "date":
        slow = guarded(trimmed, f"^{_DAY}$", "date")
        return Reading(_shaped(text, "____-__-__", text, "date"), proven(guess, prints_as(guess, text), slow))
    if column.logical_type == "time":
        return Reading(None, guarded(trimmed, f"^{_CLOCK}$", column.pg_type))
    return _iso_timestamp(column, text, guess)


def _shaped(text: sql.Composable, shape: str, canonical: sql.Composable, pg_type: str) -> sql.Composable:
    """The cast of a text of this shape (a LIKE pattern that `infinity` and the like don't fit)."""
    return sql.SQL("CASE WHEN {} LIKE {} THEN {} END").format(
        text, sql.Literal(shape), valid(canonical, pg_type)
    )


def _iso_timestamp(column: Column, text: sql.Identifier, guess: sql.Identifier) -> Reading:
    moment = f"{_DAY}(?:[ T]{_CLOCK})?"
    trimmed = sql.SQL("btrim({})").format(text)
    if column.pg_type == _LOCAL:
        # PostgreSQL ignores an offset here in silence: a contract that expects one must say so.
        slow = guarded(trimmed, f"^{moment}$", _LOCAL)
        quick = _shaped(text, "____-__-__ __:__:__%", text, _LOCAL)
        return Reading(quick, proven(guess, prints_as(guess, text), slow))
    zoned = sql.SQL("CASE WHEN {0} ~ {1} THEN {0} WHEN {0} ~ {2} THEN {0} || {3} END").format(
        trimmed, sql.Literal(f"^{moment}{_OFFSET}$"), sql.Literal(f"^{moment}$"), _default_zone(column)
    )
    return Reading(None, valid(zoned, _ZONED))


def _default_zone(column: Column) -> sql.Literal:
    return sql.Literal(" " + column.options.get("defaultTimezone", "UTC"))


def _excel(text: sql.Composable, pg_type: str) -> sql.Composable:
    # A date has no time of day to lose; a timestamp's fraction is its time.
    fraction = r"(?:[.,]0+)?" if pg_type == "date" else r"(?:[.,][0-9]{1,12})?"
    # Below 61 the 1900 system counts a 29 February that never was: ambiguous, so refused.
    return sql.SQL(
        "CASE WHEN {0} ~ {1} THEN CASE WHEN {2}::numeric >= 61 THEN "
        "(timestamp '1899-12-30' + {2}::double precision * interval '1 day')::{3} END END"
    ).format(
        text,
        sql.Literal(rf"^[0-9]{{1,6}}{fraction}$"),
        sql.SQL("replace({}, ',', '.')").format(text),
        sql.SQL(pg_type),
    )


def _cell(column: Column, text: sql.Composable) -> sql.Composable:
    """The value of a spreadsheet's true date, time or timestamp cell."""
    shape = sql.Literal(_CELLS[column.logical_type])
    zone = _default_zone(column) if column.pg_type == _ZONED else sql.Literal("")
    written = sql.SQL("CASE WHEN {0} ~ {1} THEN {0} || {2} END").format(text, shape, zone)
    return valid(written, column.pg_type)


def _first(
    column: Column, text: sql.Identifier, guess: sql.Identifier, form: str, more: list[sql.Composable]
) -> Reading:
    """The value of a text in the first format, or else what `more` finds.

    Its fields are put into ISO order. Regular expressions with groups would do, at ten times the cost.
    """
    trimmed = sql.SQL("btrim({})").format(text)
    parts = parse_format(form) or ()
    plain = all(part.width and part.field not in ("fraction", "offset") for part in parts) and not any(
        mark in part.literal for part in parts for mark in "%_\\"
    )
    if form == EXCEL or not plain or column.pg_type not in ("date", _LOCAL):
        return Reading(None, first_of([_strictly(column, trimmed, form), *more]))
    canonical = _iso(column, _fields(trimmed, parts))
    shape = "".join("_" * (part.width or 0) if part.field else part.literal for part in parts)
    quick = _shaped(trimmed, shape, canonical, column.pg_type)
    proof = prints_as(guess, canonical)
    return Reading(quick, proven(guess, proof, first_of(more)) if more else proven(guess, proof))


def _strictly(column: Column, text: sql.Composable, form: str) -> sql.Composable:
    """The value of a text in this format, known by a regular expression alone."""
    if form == EXCEL:
        return _excel(text, column.pg_type)
    parts = parse_format(form)
    assert parts is not None, "refused when the contract was loaded"
    pattern = "^" + "".join(part.matches for part in parts) + "$"
    written = sql.SQL("CASE WHEN {} ~ {} THEN {} END").format(
        text, sql.Literal(pattern), _iso(column, _fields(text, parts))
    )
    return valid(written, column.pg_type)


def _fields(text: sql.Composable, parts: tuple[Part, ...]) -> Fields:
    """Each field's text: by position as far as widths are fixed, then by counting what stands between."""
    between = "".join(part.literal for part in parts if not part.field)
    pieces = sql.SQL("translate({}, {}, {})").format(
        text, sql.Literal(between), sql.Literal("|" * len(between))
    )
    found: Fields = {}
    start: int | None = 1
    piece = 1
    for part in parts:
        if part.field and start is not None and part.width:
            found[part.field] = sql.SQL("substr({}, {}, {})").format(
                text, sql.Literal(start), sql.Literal(part.width)
            )
        elif part.field == "offset":
            found[part.field] = sql.SQL("substring({} from {})").format(text, sql.Literal(part.matches + "$"))
        elif part.field:
            found[part.field] = sql.SQL("split_part({}, '|', {})").format(pieces, sql.Literal(piece))
        piece += len(part.literal)
        start = start + part.width if start is not None and part.width else None
    return found


def _iso(column: Column, fields: Fields) -> sql.Composable:
    """The fields as the ISO text of the column's type."""
    pieces: list[sql.Composable] = []
    if column.logical_type != "time":
        dash = sql.SQL("'-'")
        pieces += [_year(fields), dash, _month(fields), dash, fields.get("day", sql.SQL("NULL"))]
    if column.logical_type == "timestamp":
        pieces.append(sql.SQL("' '"))
    if column.logical_type != "date":
        pieces += _clock(fields)
    if column.pg_type == _ZONED:
        pieces.append(fields.get("offset", _default_zone(column)))
    return sql.SQL("({})").format(sql.SQL(" || ").join(pieces))


def _year(fields: Fields) -> sql.Composable:
    if "year2" not in fields:
        return fields.get("year", sql.SQL("NULL"))
    # POSIX: 69-99 are of the twentieth century.
    return sql.SQL("(CASE WHEN {0} < '69' THEN '20' ELSE '19' END || {0})").format(fields["year2"])


def _month(fields: Fields) -> sql.Composable:
    if "month_name" not in fields:
        return fields.get("month", sql.SQL("NULL"))
    name = sql.SQL("lower({})").format(fields["month_name"])
    cases = [
        sql.SQL("WHEN {} = ANY ({}) THEN {}").format(name, sql.Literal(list(names)), sql.Literal(f"{n:02}"))
        for n, names in enumerate(MONTHS, 1)
    ]
    return sql.SQL("CASE {} END").format(sql.SQL(" ").join(cases))


def _clock(fields: Fields) -> list[sql.Composable]:
    zero = sql.SQL("'00'")
    colon = sql.SQL("':'")
    pieces = [fields.get("hour", zero), colon, fields.get("minute", zero), colon, fields.get("second", zero)]
    if "fraction" in fields:
        pieces += [sql.SQL("'.'"), fields["fraction"]]
    return pieces
