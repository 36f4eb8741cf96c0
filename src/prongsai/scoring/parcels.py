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


@dataclass(frozen=True, kw_only=True)
class Parcels:
    """The inputs of one round as tables of one engine."""

    answers: Mapping[str, ir.Table]
    marks: ir.Table | None
    populations: ir.Table | None
    collection: ir.Table | None  # by which way answers came in: no score follows from it, a mark on the result does
    files: tuple[Path, ...]
    checked: frozenset[str]  # survey instruments whose every index is an option of its scale, by the files' statistics

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the files: what the scores stand on."""
        return digest.of_files(self.files)


_EXTRAS = {"pyspark": "spark", "clickhouse": "clickhouse"}  # engines that are installed with the product on request


@cache
def _connect_engine(engine: str) -> ibis.BaseBackend:
    name = engine.partition("://")[0]
    try:
        return ibis.connect(engine)
    except ImportError as error:  # Ibis has the engine, its client is not installed
        how = f"pip install 'prongsai[{_EXTRAS[name]}]'" if name in _EXTRAS else f"pip install 'ibis-framework[{name}]'"
        raise ParcelError([f"ยังไม่ได้ติดตั้งเครื่องคำนวณ {name} สั่ง {how}"]) from error
    except ValueError as error:
        raise ParcelError([f"ไม่รู้จักเครื่องคำนวณ {name}:// ใช้ได้เช่น duckdb:// pyspark:// clickhouse://"]) from error


def open_parcels(framework: Framework, folder: Path, engine: str = "duckdb://") -> Parcels:
    """Open ``answers-<instrument>.parquet``, ``marks.parquet`` and, if there, ``headcounts.parquet`` and
    ``collection.parquet``.

    ``engine`` is any address Ibis can connect to. Raises ParcelError when nothing can be read or a file is not Parquet.
    """
    files = {
        **{i.id: folder / f"answers-{i.id}.parquet" for i in framework.survey_instruments()},
        "marks": folder / "marks.parquet",
        "headcounts": folder / "headcounts.parquet",
        "collection": folder / "collection.parquet",
    }
    present = {name: path for name, path in files.items() if path.is_file()}
    problems = []
    if not present.keys() - {"headcounts", "collection"}:
        problems.append(f"ไม่พบไฟล์ข้อมูลใน {folder} (ต้องมี {', '.join(p.name for p in files.values())} อย่างน้อยหนึ่งไฟล์)")
    schemas = {}
    for name, path in present.items():
        try:
            schemas[name] = pq.read_schema(path)
        except (OSError, ValueError) as error:
            problems.append(f"{path.name}: อ่านเป็น Parquet ไม่ได้ ({str(error).splitlines()[0][:120]})")
    known = {p.name for p in files.values()}
    unknown = sorted(p.name for p in folder.glob("*.parquet") if p.name not in known)
    problems += [
        f"{name}: ไม่ใช่ไฟล์ของหลักเกณฑ์ปี {framework.fiscal_year} (มีได้: {', '.join(sorted(known))})" for name in unknown
    ]
    if problems:
        raise ParcelError(problems)
    backend = _connect_engine(engine)
    tables = {name: _open_table(backend, path, schemas[name]) for name, path in present.items()}
    surveys = [i.id for i in framework.survey_instruments() if i.id in present]
    return Parcels(
        answers={name: tables[name] for name in surveys},
        marks=tables.get("marks"),
        populations=tables.get("headcounts"),
        collection=tables.get("collection"),
        files=tuple(present[name] for name in sorted(present)),
        checked=frozenset(name for name in surveys if _is_in_scale(framework, name, present[name])),
    )


def _open_table(backend: ibis.BaseBackend, path: Path, schema: pa.Schema) -> ir.Table:
    """A file as a table. DuckDB is told the schema, which it would otherwise be asked for column by column."""
    address = str(path.resolve())
    if backend.name != "duckdb":
        return backend.read_parquet(address)
    quoted = address.replace("'", "''")
    query = f"SELECT * FROM read_parquet('{quoted}')"  # noqa: S608 (quoted above)
    return backend.sql(query, schema=ibis.schema(schema))


def _is_in_scale(framework: Framework, instrument: str, path: Path) -> bool:
    """Whether the statistics in a parcel's footer show every answer within its scale and every row with an agency.

    False when they say otherwise or nothing; then the answers themselves are checked.
    """
    options = {c.name: len(c.points) for c in framework.answer_columns(instrument)}
    metadata = pq.ParquetFile(path).metadata
    groups = [metadata.row_group(n) for n in range(metadata.num_row_groups)]
    chunks = [group.column(n) for group in groups for n in range(metadata.num_columns)]
    return all(_is_chunk_in_scale(chunk, options.get(chunk.path_in_schema, 0)) for chunk in chunks)


def _is_chunk_in_scale(chunk: pq.ColumnChunkMetaData, options: int) -> bool:
    statistics = chunk.statistics
    if statistics is None or not statistics.has_null_count:
        return False
    if chunk.path_in_schema == "agency":
        return bool(statistics.null_count == 0)
    if statistics.num_values == 0:  # nobody answered
        return True
    if not statistics.has_min_max or not isinstance(statistics.min, int):
        return False
    return bool(statistics.min >= 0 and statistics.max < options)
