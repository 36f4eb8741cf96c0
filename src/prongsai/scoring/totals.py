"""The only part of scoring that sees responses: integer totals per agency, as expressions any engine can run.

An engine returns counts and sums of integers and nothing else, so no engine, and no order of rows, can change a score.
"""

from collections.abc import Mapping
from functools import lru_cache

import ibis
import numpy as np
import pyarrow as pa
from ibis.expr import operations as ops
from ibis.expr import types as ir

from prongsai.framework import AnswerColumn, Framework


class ParcelError(ValueError):
    """Sealed inputs that cannot be scored. ``problems`` are Thai sentences, all of them at once."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Totals:
    """Integer totals of one instrument, agencies in rows.

    ``agencies`` is an array of text, each agency once; ``sums`` and ``counts`` are int64 arrays of shape (agencies,
    columns); ``responses`` is int64 of shape (agencies,).
    """

    def __init__(self, agencies: pa.Array, responses: np.ndarray, sums: np.ndarray, counts: np.ndarray) -> None:
        self.agencies = agencies
        self.responses = responses
        self.sums = sums
        self.counts = counts


def _points(answer: ir.Column, points: tuple[int, ...]) -> ir.IntegerScalar:
    """The sum of points of a column of option indexes, in whole numbers."""
    first, step = points[0], points[1] - points[0]
    if all(p == first + step * i for i, p in enumerate(points)):  # evenly spaced: no look-up per answer
        return answer.sum().cast("int64") * step + answer.count() * first
    return answer.cases(*((i, ibis.literal(p, "int64")) for i, p in enumerate(points))).sum()


def answer_totals(table: ir.Table, columns: tuple[AnswerColumn, ...]) -> ir.Table:
    """One row per agency: ``agency, responses``, and for column number k ``s<k>`` (points) and ``n<k>`` (answers)."""
    sums = {f"s{k}": _points(table[c.name], c.points).cast("int64").fill_null(0) for k, c in enumerate(columns)}
    counts = {f"n{k}": table[c.name].count().cast("int64") for k, c in enumerate(columns)}
    return table.group_by("agency").agg(responses=table.count().cast("int64"), **sums, **counts)


def answer_extremes(table: ir.Table, columns: tuple[AnswerColumn, ...]) -> ir.Table:
    """One row: the largest and smallest index of each column, and how many rows have no agency."""
    largest = {f"x{k}": table[c.name].max().cast("int64") for k, c in enumerate(columns)}
    smallest = {f"m{k}": table[c.name].min().cast("int64") for k, c in enumerate(columns)}
    return table.aggregate(**largest, **smallest, nameless=table["agency"].isnull().sum().cast("int64"))


@lru_cache(maxsize=64)
def _duckdb_sql(columns: tuple[AnswerColumn, ...], types: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """Ibis's own SQL for the two expressions over a table called ``parcel``, compiled once for a framework."""
    table = ibis.table(dict(types), name="parcel")
    totals, extremes = answer_totals(table, columns), answer_extremes(table, columns)
    return str(ibis.to_sql(totals, dialect="duckdb")), str(ibis.to_sql(extremes, dialect="duckdb"))


def _in_duckdb(table: ir.Table) -> str | None:
    """What to put after FROM for a table or query that stands in DuckDB as it is, or None."""
    operation = table.op()
    if ibis.get_backend(table).name != "duckdb":
        return None
    if isinstance(operation, ops.SQLQueryResult):
        return f"({operation.query})"
    return f'"{operation.name}"' if isinstance(operation, ops.DatabaseTable) else None


def _run(table: ir.Table, columns: tuple[AnswerColumn, ...], *, checked: bool) -> tuple[pa.Table, pa.Table | None]:
    backend = ibis.get_backend(table)
    if name := _in_duckdb(table):
        statements = _duckdb_sql(columns, tuple((n, str(t)) for n, t in table.schema().items()))
        wanted = (s.replace('"parcel"', name) for s in (statements[:1] if checked else statements))
        totals, *rest = (backend.con.sql(s).to_arrow_table() for s in wanted)
        return totals, rest[0] if rest else None
    totals = backend.to_pyarrow(answer_totals(table, columns))
    return totals, None if checked else backend.to_pyarrow(answer_extremes(table, columns))


def of_answers(framework: Framework, instrument: str, table: ir.Table, *, checked: bool = False) -> Totals:
    """Totals of one survey instrument. Raises ParcelError when an index is not an option of its scale.

    ``checked`` says that this is known not to be so, which saves reading every answer a second time.
    """
    columns = framework.answer_columns(instrument)
    _need(instrument, table, [c.name for c in columns])
    totals, extremes = _run(table, columns, checked=checked)
    row = extremes.to_pylist()[0] if extremes is not None else {"nameless": 0}
    problems = [
        f"{instrument}: คอลัมน์ {c.name} มีคำตอบลำดับที่ {row[f'x{k}'] if row[f'x{k}'] >= len(c.points) else row[f'm{k}']} "
        f"แต่มาตรนี้มีตัวเลือก 0 ถึง {len(c.points) - 1}"
        for k, c in enumerate(columns)
        if row.get(f"x{k}") is not None and (row[f"x{k}"] >= len(c.points) or row[f"m{k}"] < 0)
    ]
    if row["nameless"]:
        problems.append(f"{instrument}: มี {row['nameless']:,} แถวที่ไม่มีรหัสหน่วยงาน")
    if problems:
        raise ParcelError(problems)
    width = range(len(columns))
    return Totals(
        totals["agency"].combine_chunks(),
        _integers(totals, "responses"),
        np.column_stack([_integers(totals, f"s{k}") for k in width]),
        np.column_stack([_integers(totals, f"n{k}") for k in width]),
    )


def _integers(table: pa.Table, name: str) -> np.ndarray:
    column = table[name].cast(pa.int64())  # an engine may hand a sum over as a wider integer or a decimal
    return np.asarray(column.combine_chunks().to_numpy(zero_copy_only=False))


def of_marks(items: Mapping[str, tuple[int, ...]], table: ir.Table) -> Totals:
    """Marks as totals: one row per agency, points and 1 for a marked item, 0 and 0 for one without a mark.

    ``items`` gives the points each item's scale allows. Raises ParcelError for any other value and for an agency that
    appears twice. There are as many rows as agencies, so this is read whole.
    """
    _need("marks", table, list(items))
    name = _in_duckdb(table)
    rows = ibis.get_backend(table).con.sql(f"FROM {name}").to_arrow_table() if name else table.to_pyarrow()
    agencies = rows["agency"].to_pylist()
    problems = []
    if None in agencies:
        problems.append(f"marks: มี {agencies.count(None):,} แถวที่ไม่มีรหัสหน่วยงาน")
    if twice := sorted({a for a in agencies if a is not None} if len(set(agencies)) < len(agencies) else ()):
        seen: set[str] = set()
        repeated = [a for a in agencies if a in seen or seen.add(a)]  # type: ignore[func-returns-value]
        problems += [f"marks: หน่วยงาน {a} มีมากกว่าหนึ่งแถว" for a in twice if a in repeated][:20]
    sums, counts = [], []
    for item, allowed in items.items():
        column = rows[item]
        marked = column.is_valid().to_numpy()
        points = column.cast(pa.int64()).fill_null(0).to_numpy()
        wrong = marked & ~np.logical_or.reduce([points == value for value in allowed])
        for value in np.unique(points[wrong]):
            problems.append(f"marks: {item} มีคะแนน {value} แต่ให้ได้เฉพาะ {', '.join(map(str, sorted(allowed)))}")
        sums.append(points)
        counts.append(marked.astype(np.int64))
    if problems:
        raise ParcelError(problems)
    return Totals(
        rows["agency"].combine_chunks(),
        np.ones(len(agencies), np.int64),
        np.column_stack(sums),
        np.column_stack(counts),
    )


def _need(name: str, table: ir.Table, columns: list[str]) -> None:
    have = set(table.columns)
    missing = [c for c in ["agency", *columns] if c not in have]
    extra = sorted(have - {"agency", *columns})
    problems = [f"{name}: ขาดคอลัมน์ {', '.join(missing)}"] if missing else []
    if extra:
        problems.append(f"{name}: มีคอลัมน์ที่หลักเกณฑ์ปีนี้ไม่มี {', '.join(extra[:20])}")
    for column in ("agency", *columns):
        if column in have:
            kind = table.schema()[column]
            if not (kind.is_string() if column == "agency" else kind.is_integer()):
                problems.append(
                    f"{name}: คอลัมน์ {column} ต้องเป็น{'ข้อความ' if column == 'agency' else 'จำนวนเต็ม'} ไม่ใช่ {kind}"
                )
    if problems:
        raise ParcelError(problems)
