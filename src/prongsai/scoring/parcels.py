"""Opening sealed inputs: a folder of Parquet files on the engine of choice."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.expr import types as ir

from prongsai.framework import Framework
from prongsai.lib import digest
from prongsai.scoring.totals import ParcelError


@dataclass(frozen=True)
class Parcels:
    """The inputs of one round as tables of one engine."""

    answers: Mapping[str, ir.Table]
    marks: ir.Table | None
    headcounts: ir.Table | None
    files: tuple[Path, ...]
    checked: frozenset[str]  # survey instruments whose every index is an option of its scale, by the files' statistics

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the files: what the scores stand on."""
        return digest.of_files(self.files)


@cache
def _connect(engine: str) -> ibis.BaseBackend:
    return ibis.connect(engine)


def open_parcels(framework: Framework, folder: Path, engine: str = "duckdb://") -> Parcels:
    """Open ``answers-<instrument>.parquet``, ``marks.parquet`` and, if there, ``headcounts.parquet``.

    ``engine`` is any address Ibis can connect to. Raises ParcelError when nothing can be read or a file is not Parquet.
    """
    files = {
        **{i.id: folder / f"answers-{i.id}.parquet" for i in framework.survey_instruments()},
        "marks": folder / "marks.parquet",
        "headcounts": folder / "headcounts.parquet",
    }
    present = {name: path for name, path in files.items() if path.is_file()}
    problems = []
    if not present.keys() - {"headcounts"}:
        problems.append(f"ไม่พบไฟล์ข้อมูลใน {folder} (ต้องมี {', '.join(p.name for p in files.values())} อย่างน้อยหนึ่งไฟล์)")
    schemas = {}
    for name, path in present.items():
        try:
            schemas[name] = pq.read_schema(path)
        except (OSError, ValueError) as error:
            problems.append(f"{path.name}: อ่านเป็น Parquet ไม่ได้ ({str(error).splitlines()[0][:120]})")
    known = {p.name for p in files.values()}
    stray = sorted(p.name for p in folder.glob("*.parquet") if p.name not in known) if folder.is_dir() else []
    problems += [f"{name}: ไม่ใช่ไฟล์ของหลักเกณฑ์ปี {framework.id} (มีได้: {', '.join(sorted(known))})" for name in stray]
    if problems:
        raise ParcelError(problems)
    backend = _connect(engine)
    tables = {name: _table(backend, path, schemas[name]) for name, path in present.items()}
    return Parcels(
        {name: t for name, t in tables.items() if name not in ("marks", "headcounts")},
        tables.get("marks"),
        tables.get("headcounts"),
        tuple(present[name] for name in sorted(present)),
        frozenset(
            i.id
            for i in framework.survey_instruments()
            if i.id in present and _in_scale(framework, i.id, present[i.id])
        ),
    )


def _table(backend: ibis.BaseBackend, path: Path, schema: pa.Schema) -> ir.Table:
    """A file as a table. DuckDB is told the schema, which it would otherwise be asked for column by column."""
    address = str(path.resolve())
    if backend.name != "duckdb":
        return backend.read_parquet(address)
    quoted = address.replace("'", "''")
    return backend.sql(f"SELECT * FROM read_parquet('{quoted}')", schema=ibis.schema(schema))  # noqa: S608 (quoted above)


def _in_scale(framework: Framework, instrument: str, path: Path) -> bool:
    """Whether the statistics in a parcel's footer show every answer within its scale and every row with an agency.

    False when they say otherwise or nothing; then the answers themselves are looked at.
    """
    options = {c.name: len(c.points) for c in framework.answer_columns(instrument)}
    footer = pq.ParquetFile(path).metadata
    for group in range(footer.num_row_groups):
        for number in range(footer.num_columns):
            column = footer.row_group(group).column(number)
            found = column.statistics
            if column.path_in_schema == "agency":
                if found is None or not found.has_null_count or found.null_count:
                    return False
            elif column.path_in_schema in options:
                if found is None or not found.has_min_max:
                    if found is None or found.null_count != footer.row_group(group).num_rows:
                        return False
                elif not isinstance(found.min, int) or found.min < 0 or found.max >= options[column.path_in_schema]:
                    return False
    return True
