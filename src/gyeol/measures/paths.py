"""Values inside the lake's JSON columns, by dotted path."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from gyeol.expressions.condition import parse_condition
from gyeol.expressions.nodes import Name, walk
from gyeol.kernel.errors import InputError, Problem

if TYPE_CHECKING:
    import ibis.expr.types as ir

ROOTS = ("properties", "traits", "context")


@cache
def _functions() -> tuple[Any, Any, Any]:
    """DuckDB's functions that read one value without unpacking the rest; Ibis' own cast whole arrays first."""
    import ibis
    import ibis.expr.datatypes as dt

    def json_extract_string(document: object, path: str) -> str:
        """A value as text."""
        raise NotImplementedError  # run by DuckDB, never here

    def json_array_length(document: object, path: str) -> int:
        """Entries of a list."""
        raise NotImplementedError  # run by DuckDB, never here

    def epoch_ms(at: object) -> int:
        """Milliseconds since 1970."""
        raise NotImplementedError  # run by DuckDB, never here

    builtin = ibis.udf.scalar.builtin
    json, text, whole = dt.JSON(), dt.String(), dt.Int64()
    return (
        builtin(json_extract_string, signature=((json, text), text)),
        builtin(json_array_length, signature=((json, text), whole)),
        builtin(epoch_ms, signature=((dt.Timestamp("UTC"),), whole)),
    )


def _place(rows: ir.Table, path: str) -> tuple[ir.Value, str]:
    root, _, rest = path.partition(".")
    if root not in ROOTS or not rest:
        problem = Problem(
            path=path, code="bad_path", what=f"{path!r} is no path of the lake's events", mend="begin with properties., traits. or context."
        )
        raise InputError("bad_path", [problem])
    keys = "".join('."' + key.replace('"', '\\"') + '"' for key in rest.split("."))
    return rows[root], "$" + keys


def text_at(rows: ir.Table, path: str) -> ir.StringValue:
    """The value as text; NULL where there is none."""
    document, place = _place(rows, path)
    found: ir.StringValue = _functions()[0](document, place)
    return found


def whole_at(rows: ir.Table, path: str) -> ir.IntegerValue:
    """The value as a whole number (money: minor units); NULL where it is none."""
    found: ir.IntegerValue = text_at(rows, path).try_cast("int64")
    return found


def number_at(rows: ir.Table, path: str) -> ir.FloatingValue:
    """The value as a number; NULL where it is none."""
    found: ir.FloatingValue = text_at(rows, path).try_cast("float64")
    return found


def length_at(rows: ir.Table, path: str) -> ir.IntegerValue:
    """How many entries a list has; 0 for what is no list, NULL where there is nothing."""
    document, place = _place(rows, path)
    found: ir.IntegerValue = _functions()[1](document, place)
    return found


def epoch_ms(instant: ir.Value) -> ir.IntegerValue:
    """An instant as whole milliseconds since 1970."""
    found: ir.IntegerValue = _functions()[2](instant)
    return found


def currency_at(rows: ir.Table, path: str) -> ir.StringValue:
    """The currency beside a money path."""
    parent, _, _ = path.rpartition(".")
    return text_at(rows, f"{parent}.currency")


def truth(rows: ir.Table, text: str) -> ir.BooleanValue:
    """A condition over event paths (``properties.price > 100000``) or the lake's columns (``source = 'tills'``) as an expression.

    Raises:
        InputError: The condition is wrong.
    """
    condition = parse_condition(text, None)
    types = {part.name: part.type for part in walk(condition.tree) if isinstance(part, Name) and part.type != "any"}

    def column(name: str) -> ir.Value:
        if name in rows.columns:
            return rows[name]
        kind = types.get(name, "any")
        if kind in ("number", "time"):
            return number_at(rows, name)
        return text_at(rows, name).try_cast("boolean") if kind == "flag" else text_at(rows, name)

    return condition.to_ibis(rows, column)
