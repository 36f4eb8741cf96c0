"""Opening sealed inputs: a folder of Parquet files on the engine of choice."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import ibis
import pyarrow.parquet as pq
from ibis.expr import types as ir

from prongsai.framework import Framework
from prongsai.lib import digest
from prongsai.scoring.totals import ParcelError


@dataclass(frozen=True)
class Parcels:
    """The inputs of one round as tables of one engine, and their digest."""

    answers: Mapping[str, ir.Table]
    marks: ir.Table | None
    headcounts: ir.Table | None
    digest: str


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
    for path in present.values():
        try:
            pq.read_schema(path)
        except (OSError, ValueError) as error:
            problems.append(f"{path.name}: อ่านเป็น Parquet ไม่ได้ ({str(error).splitlines()[0][:120]})")
    known = {p.name for p in files.values()}
    stray = sorted(p.name for p in folder.glob("*.parquet") if p.name not in known) if folder.is_dir() else []
    problems += [f"{name}: ไม่ใช่ไฟล์ของหลักเกณฑ์ปี {framework.id} (มีได้: {', '.join(sorted(known))})" for name in stray]
    if problems:
        raise ParcelError(problems)
    backend = ibis.connect(engine)
    tables = {
        name: backend.read_parquet(str(path.resolve()), table_name=f"parcel_{name}") for name, path in present.items()
    }
    return Parcels(
        {name: t for name, t in tables.items() if name not in ("marks", "headcounts")},
        tables.get("marks"),
        tables.get("headcounts"),
        digest.of_files(present[name] for name in sorted(present)),
    )
