"""Sealed inputs on disk: what is refused, what is only a status, and that the engine does not matter."""

from decimal import Decimal
from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from chdb import session

from prongsai import framework as rules
from prongsai.scoring import ParcelError, open_parcels, score
from prongsai.scoring.totals import build_totals_query
from tests.scoring.test_agreement import random_year


def write(folder: Path, framework, answers, marks) -> Path:
    for instrument, rows in answers.items():
        names = [c.name for c in framework.answer_columns(instrument)]
        columns = {"agency": pa.array([r["agency"] for r in rows], pa.string())}
        columns |= {n: pa.array([r[n] for r in rows], pa.uint8()) for n in names}
        pq.write_table(pa.table(columns), folder / f"answers-{instrument}.parquet")
    if marks:
        pq.write_table(pa.Table.from_pylist(marks), folder / "marks.parquet")
    return folder


def run(framework, folder, engine="duckdb://"):
    parcels = open_parcels(framework, folder, engine)
    return score(framework, parcels.answers, parcels.marks, parcels.populations, checked=parcels.checked)


@pytest.fixture
def round_2568(tmp_path):
    framework, answers, marks = random_year("2568", 1)
    return framework, write(tmp_path, framework, answers, marks)


def test_another_engine_gives_the_same(round_2568):
    framework, folder = round_2568
    here, there = run(framework, folder), run(framework, folder, "polars://")
    assert here.agencies == there.agencies
    for node in framework.nodes:
        assert np.array_equal(here.values[node], there.values[node], equal_nan=True)
        assert np.array_equal(here.rounded(node), there.rounded(node))


@pytest.mark.parametrize(("year", "instrument"), [("2568", "IIT"), ("2564", "IIT"), ("2564", "EIT")])
def test_a_cluster_would_sum_the_same(tmp_path, year, instrument):
    """The same expression as ClickHouse's SQL, run by ClickHouse itself."""
    framework, answers, marks = random_year(year, 2)
    write(tmp_path, framework, answers, marks)
    columns = framework.answer_columns(instrument)
    path = tmp_path / f"answers-{instrument}.parquet"
    table = ibis.duckdb.connect().read_parquet(str(path))
    expected = build_totals_query(table, columns).to_pyarrow().sort_by("agency").to_pylist()
    unbound = ibis.table(table.schema(), name="answers")
    with session.Session() as clickhouse:
        clickhouse.query(f"CREATE VIEW answers AS SELECT * FROM file('{path}', Parquet)")
        found = clickhouse.query(
            str(ibis.to_sql(build_totals_query(unbound, columns), dialect="clickhouse")), "ArrowTable"
        )
    # text comes back as bytes from this engine
    rows = [
        {k: v.decode() if isinstance(v, bytes) else v for k, v in r.items()}
        for r in found.sort_by("agency").to_pylist()
    ]
    assert rows == expected


def test_the_long_table(round_2568):
    framework, folder = round_2568
    result = run(framework, folder)
    table = result.table()
    assert table.num_rows == len(result.agencies) * len(framework.nodes)
    rows = {(r["agency"], r["node"]): r for r in table.to_pylist()}
    overall = rows["หน่วยงาน 0", "overall"]
    assert overall["level"] in framework.bands
    assert isinstance(overall["passed"], bool)
    assert overall["shown"] == Decimal(str(overall["shown"]))
    assert abs(float(overall["shown"]) - overall["score"]) <= 0.005 + 1e-9
    assert rows["หน่วยงาน 0", "EIT1/e1"]["n"] > 0
    assert rows["หน่วยงาน 0", "O1"]["n"] == 1
    assert {"overall", "IIT", "EIT1", "EIT2", "OIT", "1", "10", "EIT1/6", "9.1", "i1", "EIT1/e1", "O1"} <= set(
        table["node"].to_pylist()
    )


def test_missing_parts_are_a_status_and_never_a_number(round_2568):
    framework, folder = round_2568
    result = run(framework, folder)
    row = list(result.agencies).index("หน่วยงาน 3")  # has no marks
    assert np.isnan(result.values["overall"][row])
    assert result.level[row] is None
    assert result.passed[row] is None
    assert result.instrument_status["OIT"][row] == "none"
    assert result.status[row] == "incomplete"
    assert result.status[0] == "minimum_unknown"


def test_headcounts_decide_the_minimum_sample(round_2568):
    framework, folder = round_2568
    people = {"agency": ["หน่วยงาน 0", "หน่วยงาน 1"], "IIT": [5000, 5], "EIT1": [5, 5], "EIT2": [5, 5]}
    pq.write_table(pa.table(people), folder / "headcounts.parquet")
    result = run(framework, folder)
    assert list(result.status[:2]) == ["below_minimum", "ok"]
    assert not np.isnan(
        result.values["overall"][0]
    )  # what follows from too few answers is not known: a flag, not a rule


def test_an_unanswered_question_leaves_the_rest_unscored(tmp_path):
    framework, answers, marks = random_year("2568", 3)
    for response in answers["IIT"]:
        response["i7"] = None
    result = run(framework, write(tmp_path, framework, answers, marks))
    assert np.isnan(result.values["3"]).all()
    assert set(result.instrument_status["IIT"]) == {"incomplete"}


class TestRefused:
    def spoil(self, folder, name, change):
        path = folder / name
        pq.write_table(change(pq.read_table(path)), path)

    @pytest.mark.parametrize(
        ("name", "change", "said"),
        [
            ("answers-IIT.parquet", lambda t: t.set_column(1, "i1", pa.array([9] * t.num_rows, pa.uint8())), "i1"),
            ("answers-IIT.parquet", lambda t: t.drop_columns(["i3"]), "ขาดคอลัมน์ i3"),
            ("answers-IIT.parquet", lambda t: t.append_column("name", pa.array(["x"] * t.num_rows)), "ไม่มี name"),
            ("answers-IIT.parquet", lambda t: t.set_column(1, "i1", pa.array(["มาก"] * t.num_rows)), "จำนวนเต็ม"),
            (
                "answers-IIT.parquet",
                lambda t: t.set_column(0, "agency", pa.array([None] * t.num_rows, pa.string())),
                "ไม่มีรหัสหน่วยงาน",
            ),
            ("marks.parquet", lambda t: t.set_column(1, "O1", pa.array([50] * t.num_rows)), "O1 มีคะแนน 50"),
            ("marks.parquet", lambda t: pa.concat_tables([t, t]), "มากกว่าหนึ่งแถว"),
        ],
    )
    def test_with_the_reason(self, round_2568, name, change, said):
        framework, folder = round_2568
        self.spoil(folder, name, change)
        with pytest.raises(ParcelError, match=said):
            run(framework, folder)

    def test_all_problems_at_once(self, round_2568):
        framework, folder = round_2568
        self.spoil(folder, "answers-IIT.parquet", lambda t: t.drop_columns(["i3"]))
        self.spoil(folder, "marks.parquet", lambda t: t.drop_columns(["O2"]))
        with pytest.raises(ParcelError) as caught:
            run(framework, folder)
        assert len(caught.value.problems) == 2

    def test_an_empty_folder_a_stray_file_and_one_that_is_no_parquet(self, tmp_path):
        framework = rules.load("2568")
        with pytest.raises(ParcelError, match="ไม่พบไฟล์ข้อมูล"):
            open_parcels(framework, tmp_path)
        (tmp_path / "answers-EIT.parquet").write_bytes(b"x")
        (tmp_path / "marks.parquet").write_bytes(b"x")
        with pytest.raises(ParcelError) as caught:
            open_parcels(framework, tmp_path)
        assert len(caught.value.problems) == 2

    def test_an_instrument_the_year_does_not_have(self):
        framework = rules.load("2564")
        with pytest.raises(ParcelError, match="EIT1"):
            score(framework, {"EIT1": ibis.memtable({"agency": ["ก"]})})
