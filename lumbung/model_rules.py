"""What a model's SQL may not do: change data, ask the clock or chance, read outside its layers.

A release must be repeatable: the same pinned loads and the same `as_of_date` give the same rows. So
whatever depends on the moment, the session or chance is refused when the project is loaded.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from sqlglot import Token, TokenType, exp

AS_OF_DATE = "as_of_date"

#: Volatile functions of PostgreSQL 16-18, and the stable ones that ask the clock or the session.
_UNREPEATABLE = re.compile(
    r"""now | timeofday | (clock|statement|transaction)_timestamp
    | random(_normal)? | setseed | array_(sample|shuffle) | gen_random_uuid | uuidv[47] | uuid_generate.*
    | nextval | currval | lastval | setval | currtid2 | lo_.* | dblink.*
    | set_config | current_(setting|query|database|schemas) | getpgusername | version | has_.*_privilege
    | inet_(client|server)_(addr|port) | txid_.* | pg_(?!input_is_valid$|typeof$).*
    | ts_(rewrite|stat) | .*_to_xml(schema|_and_xmlschema)?""",
    re.VERBOSE,
)
#: Reserved words that are calls without parentheses.
_SESSION_WORD = re.compile(
    r"current_(date|time|timestamp|user|role|catalog|schema) | localtime | localtimestamp"
    r"| session_user | system_user | user",
    re.VERBOSE,
)
#: PostgreSQL casts these texts to the present date, alone or beside a time of day.
_CLOCK_TEXT = re.compile(r"[\d:.+\s-]*(now|today|tomorrow|yesterday)[\d:.+\s-]*", re.IGNORECASE)
_USE_DATE = f"write :{AS_OF_DATE} or take it from the data"
_NO_PARAMETER = f"the only parameter a model may use is :{AS_OF_DATE}"
_REFUSED_NODES: tuple[tuple[type[exp.Expr], str], ...] = (
    (exp.DML, "it changes data; a model is a SELECT and nothing else"),
    (exp.Into, "it uses SELECT INTO; a model's table is made by the release"),
    (exp.Lock, "it locks rows (FOR UPDATE and its like); a model only reads"),
    (exp.TableSample, "it uses TABLESAMPLE; a sample differs from run to run"),
    (exp.Parameter, f"it uses a parameter; {_NO_PARAMETER}"),
)


def refusals(tree: exp.Expr, tokens: list[Token]) -> Iterator[str]:
    """Why the model can't be used, one reason each; nothing for a good one."""
    if tokens[0].token_type not in (TokenType.SELECT, TokenType.WITH, TokenType.L_PAREN):
        yield f"it starts with {tokens[0].text!r}; a model is a single SELECT"
    yield from _nodes(tree)
    for before, token, after in zip([None, *tokens], tokens, [*tokens[1:], None], strict=False):
        yield from _token(before, token, after)


def date_spans(tokens: list[Token]) -> list[tuple[int, int]]:
    """Where the text says `:as_of_date`, as (start, end) with `end` exclusive."""
    return [
        (colon.start, name.end + 1)
        for colon, name in pairwise(tokens)
        if colon.token_type == TokenType.COLON and name.text == AS_OF_DATE and name.start == colon.end + 1
    ]


def _nodes(tree: exp.Expr) -> Iterator[str]:
    for node in tree.walk():
        yield from (reason for kind, reason in _REFUSED_NODES if isinstance(node, kind))
        if isinstance(node, exp.Placeholder) and node.this != AS_OF_DATE:
            yield f"it uses the parameter {node.sql('postgres')}; {_NO_PARAMETER}"
        if isinstance(node, exp.Column) and node.args.get("db"):
            yield f"it names the column {node.sql('postgres')}; give the table an alias and use that"
        if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Func):
            yield from _qualified_call(node)
        if isinstance(node, exp.Anonymous) and node.name.lower() == "age" and len(node.expressions) == 1:
            yield f"age(x) counts from the present date; write age(:{AS_OF_DATE}, x)"


def _qualified_call(node: exp.Dot) -> Iterator[str]:
    schema = node.this.name.lower()
    if schema != "pg_catalog":
        yield f"it calls {node.sql('postgres')}; models may call PostgreSQL's own functions only"


def _token(before: Token | None, token: Token, after: Token | None) -> Iterator[str]:
    word = token.text.lower()
    if token.token_type.name.endswith("STRING"):
        if _CLOCK_TEXT.fullmatch(token.text):
            yield f"the text {token.text!r} means the present date; write :{AS_OF_DATE}"
    elif after and after.token_type == TokenType.L_PAREN and _UNREPEATABLE.fullmatch(word):
        yield f"it calls {word}(), which differs from run to run; {_USE_DATE}"
    elif _SESSION_WORD.fullmatch(word) and not _is_a_name(before, token):
        yield f"it asks for {word}, which differs from run to run; {_USE_DATE}"


def _is_a_name(before: Token | None, token: Token) -> bool:
    """True in quotes and after `.` and `AS`, where even reserved words are only names."""
    after_mark = before is not None and before.token_type in (TokenType.DOT, TokenType.ALIAS)
    return after_mark or token.token_type == TokenType.IDENTIFIER
