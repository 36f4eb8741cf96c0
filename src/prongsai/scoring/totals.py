"""The only part of scoring that sees responses: integer totals per agency, as expressions any engine can run.

An engine returns counts and sums of integers and nothing else, so no engine, and no order of rows, can change a score.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import ibis
import numpy as np
import pyarrow as pa
from ibis.expr import operations as ops
from ibis.expr import types as ir

from prongsai.framework import AnswerColumn, Framework

_MAX_LISTED = 20  # names in one message


class ParcelError(ValueError):
    """Sealed inputs that cannot be scored. ``problems`` are Thai sentences, all of them at once."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, kw_only=True, eq=False)
class Totals:
    """Integer totals of one instrument, agencies in rows.

    ``agencies`` is an array of text, each agency once; ``sums`` and ``counts`` are int64 arrays of shape (agencies,
    columns); ``responses`` is int64 of shape (agencies,).
    """

    agencies: pa.Array
    responses: np.ndarray
    sums: np.ndarray
    counts: np.ndarray


def _sum_points(answer: ir.Column, points: tuple[int, ...]) -> ir.IntegerScalar:
    """The sum of points of a column of option indexes, in whole numbers."""
    first, step = points[0], points[1] - points[0]
    if all(p == first + step * i for i, p in enumerate(points)):  # evenly spaced: no look-up per answer
        return answer.sum().cast("int64") * step + answer.count() * first
    return answer.cases(*((i, ibis.literal(p, "int64")) for i, p in enumerate(points))).sum()


def build_totals_query(table: ir.Table, columns: tuple[AnswerColumn, ...]) -> ir.Table:
    """One row per agency: ``agency, responses``, and for column number k ``s<k>`` (points) and ``n<k>`` (answers)."""
    sums = {f"s{k}": _sum_points(table[c.name], c.points).cast("int64").fill_null(0) for k, c in enumerate(columns)}
    counts = {f"n{k}": table[c.name].count().cast("int64") for k, c in enumerate(columns)}
    return table.group_by("agency").agg(responses=table.count().cast("int64"), **sums, **counts)


def build_range_query(table: ir.Table, columns: tuple[AnswerColumn, ...]) -> ir.Table:
    """One row: the largest and smallest index of each column, and how many rows have no agency."""
    largest = {f"x{k}": table[c.name].max().cast("int64") for k, c in enumerate(columns)}
    smallest = {f"m{k}": table[c.name].min().cast("int64") for k, c in enumerate(columns)}
    return table.aggregate(**largest, **smallest, without_agency=table["agency"].isnull().sum().cast("int64"))


@lru_cache(maxsize=64)
def _compile_for_duckdb(columns: tuple[AnswerColumn, ...], types: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """Ibis's own SQL for the two expressions over a table called ``parcel``, compiled once for a framework."""
    table = ibis.table(dict(types), name="parcel")
    totals, extremes = build_totals_query(table, columns), build_range_query(table, columns)
    return str(ibis.to_sql(totals, dialect="duckdb")), str(ibis.to_sql(extremes, dialect="duckdb"))


def _find_duckdb_source(table: ir.Table) -> str | None:
    """What to put after FROM for a table or query that stands in DuckDB as it is, or None."""
    operation = table.op()
    if ibis.get_backend(table).name != "duckdb":
        return None
    if isinstance(operation, ops.SQLQueryResult):
        return f"({operation.query})"
    return f'"{operation.name}"' if isinstance(operation, ops.DatabaseTable) else None


def _run_queries(
    table: ir.Table, columns: tuple[AnswerColumn, ...], *, checked: bool
) -> tuple[pa.Table, pa.Table | None]:
    """The totals, and the ranges unless ``checked``."""
    backend = ibis.get_backend(table)
    if source := _find_duckdb_source(table):
        statements = _compile_for_duckdb(columns, tuple((n, str(t)) for n, t in table.schema().items()))
        totals, *ranges = (
            backend.con.sql(statement.replace('"parcel"', source)).to_arrow_table()
            for statement in statements[: 1 if checked else 2]
        )
        return totals, ranges[0] if ranges else None
    totals = backend.to_pyarrow(build_totals_query(table, columns))
    return totals, None if checked else backend.to_pyarrow(build_range_query(table, columns))


def sum_answers(framework: Framework, instrument: str, table: ir.Table, *, checked: bool) -> Totals:
    """Totals of one survey instrument. Raises ParcelError when an index is not an option of its scale.

    ``checked`` says that every index is known to be one, which saves reading every answer a second time.
    """
    columns = framework.answer_columns(instrument)
    _check_columns(instrument, table, [c.name for c in columns])
    totals, ranges = _run_queries(table, columns, checked=checked)
    if ranges is not None:
        _check_ranges(instrument, columns, ranges.to_pylist()[0])
    return _read_totals(totals, len(columns))


def sum_columns(table: ir.Table, columns: tuple[AnswerColumn, ...]) -> Totals:
    """Totals of some columns of a table whose indexes are known to be options, by any points."""
    if not columns:
        counted = table.group_by("agency").agg(responses=table.count().cast("int64"))
        rows = counted.to_pyarrow()
        nothing = np.zeros((len(rows), 0), np.int64)
        agencies = rows["agency"].combine_chunks()
        return Totals(agencies=agencies, responses=_read_integers(rows, "responses"), sums=nothing, counts=nothing)
    return _read_totals(_run_queries(table, columns, checked=True)[0], len(columns))


def _read_totals(totals: pa.Table, columns: int) -> Totals:
    width = range(columns)
    return Totals(
        agencies=totals["agency"].combine_chunks(),
        responses=_read_integers(totals, "responses"),
        sums=np.column_stack([_read_integers(totals, f"s{k}") for k in width]),
        counts=np.column_stack([_read_integers(totals, f"n{k}") for k in width]),
    )


def _check_ranges(instrument: str, columns: Sequence[AnswerColumn], row: Mapping[str, int | None]) -> None:
    problems = []
    for k, column in enumerate(columns):
        last = len(column.points) - 1
        indexes = (row[f"x{k}"], row[f"m{k}"])
        outside = next((i for i in indexes if i is not None and not 0 <= i <= last), None)
        if outside is not None:
            problems.append(f"{instrument}: คอลัมน์ {column.name} มีคำตอบลำดับที่ {outside} แต่มาตรนี้มีตัวเลือก 0 ถึง {last}")
    if row["without_agency"]:
        problems.append(f"{instrument}: มี {row['without_agency']:,} แถวที่ไม่มีรหัสหน่วยงาน")
    if problems:
        raise ParcelError(problems)


def _read_integers(table: pa.Table, name: str) -> np.ndarray:
    column = table[name].cast(pa.int64())  # an engine may hand a sum over as a wider integer or a decimal
    return np.asarray(column.combine_chunks())


def sum_marks(framework: Framework, table: ir.Table) -> Totals:
    """Marks as totals: one row per agency, points and 1 for a marked item, 0 and 0 for one without a mark.

    Raises ParcelError for points that an item's scale does not have and for an agency that appears twice. There are as
    many rows as agencies, so the table is read at once.
    """
    items = [item.id for item in framework.rules.disclosure_items]
    _check_columns("marks", table, items)
    rows = table.to_pyarrow()
    agencies = rows["agency"].to_pylist()
    problems = []
    if None in agencies:
        problems.append(f"marks: มี {agencies.count(None):,} แถวที่ไม่มีรหัสหน่วยงาน")
    repeated = sorted(a for a, number in Counter(agencies).items() if number > 1 and a is not None)
    problems += [f"marks: หน่วยงาน {a} มีมากกว่าหนึ่งแถว" for a in repeated[:_MAX_LISTED]]
    sums, counts = [], []
    for item in items:
        is_marked = rows[item].is_valid().to_numpy()
        points = rows[item].cast(pa.int64()).fill_null(0).to_numpy()
        allowed = sorted(framework.mark_points(item))
        for value in np.unique(points[is_marked & ~np.isin(points, allowed)]):
            problems.append(f"marks: {item} มีคะแนน {value} แต่ให้ได้เฉพาะ {', '.join(map(str, allowed))}")
        sums.append(points)
        counts.append(is_marked.astype(np.int64))
    if problems:
        raise ParcelError(problems)
    return Totals(
        agencies=rows["agency"].combine_chunks(),
        responses=np.ones(len(agencies), np.int64),
        sums=np.column_stack(sums),
        counts=np.column_stack(counts),
    )


def _check_columns(name: str, table: ir.Table, columns: Sequence[str]) -> None:
    """Raise ParcelError unless a table has ``agency`` as text and ``columns`` as integers, and nothing else."""
    types = dict(table.schema().items())
    required = ("agency", *columns)
    missing = [column for column in required if column not in types]
    unknown = sorted(types.keys() - set(required))
    problems = [f"{name}: ขาดคอลัมน์ {', '.join(missing)}"] if missing else []
    if unknown:
        problems.append(f"{name}: มีคอลัมน์ที่หลักเกณฑ์ปีนี้ไม่มี {', '.join(unknown[:_MAX_LISTED])}")
    if "agency" in types and not types["agency"].is_string():
        problems.append(f"{name}: คอลัมน์ agency ต้องเป็นข้อความ ไม่ใช่ {types['agency']}")
    for column in columns:
        if column in types and not types[column].is_integer():
            problems.append(f"{name}: คอลัมน์ {column} ต้องเป็นจำนวนเต็ม ไม่ใช่ {types[column]}")
    if problems:
        raise ParcelError(problems)
