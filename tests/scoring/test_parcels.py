"""Sealed inputs on disk: what is refused, what is only a status, and that the engine does not matter."""

import importlib
import re
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from chdb import session

from prongsai import framework as rules
from prongsai.scoring import ParcelError, open_parcels, score
from prongsai.scoring.parcels import _open_table
from prongsai.scoring.totals import build_totals_query, sum_columns
from tests.scoring.test_agreement import random_year
from tests.years import SAMPLE_YEAR, YEARS


def write(folder: Path, framework, answers, marks) -> Path:
    for instrument, rows in answers.items():
        names = [c.name for c in framework.answer_columns(instrument)]
        columns = {"agency": pa.array([r["agency"] for r in rows], pa.string())}
        columns |= {n: pa.array([r[n] for r in rows], pa.uint8()) for n in names}
        pq.write_table(pa.table(columns), folder / f"answers-{instrument}.parquet")
    if marks:
        pq.write_table(pa.Table.from_pylist(marks), folder / "marks.parquet")
    return folder


def whole_answers(framework, value, *, rows: int = 4) -> dict[str, pa.Table]:
    """Answers of every survey: every question answered with the option ``value(column)`` by every respondent."""
    return {
        i.id: pa.table(
            {"agency": pa.array(["A"] * rows)}
            | {c.name: pa.array([value(c)] * rows, pa.int16()) for c in framework.answer_columns(i.id)}
        )
        for i in framework.survey_instruments()
    }


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


@pytest.mark.parametrize(
    ("engine", "advice"),
    [
        ("trino://user@host/catalog", "pip install 'ibis-framework[trino]'"),
        ("nonsense://", "ไม่รู้จักเครื่องคำนวณ nonsense://"),
    ],
)
def test_an_engine_that_is_not_installed_is_a_sentence(round_2568, engine, advice):
    framework, folder = round_2568
    with pytest.raises(ParcelError, match=re.escape(advice)):
        open_parcels(framework, folder, engine)


@pytest.mark.parametrize("engine", ["spark", "clickhouse"])
def test_an_engine_of_an_extra_says_which(round_2568, monkeypatch, engine):
    """Whether or not it is installed here."""

    def refuse(address):
        raise ImportError(address)

    monkeypatch.setattr(ibis, "connect", refuse)
    framework, folder = round_2568
    with pytest.raises(ParcelError, match=re.escape(f"pip install 'prongsai[{engine}]'")):
        open_parcels(framework, folder, {"spark": "pyspark"}.get(engine, engine) + "://a:secret@not-installed/x")


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
    for agency, node in rows:
        row = rows[agency, node]
        is_overall, is_instrument = node == "overall", node in framework.instruments
        assert (row["status"] is not None) == (is_overall or is_instrument)
        assert (row["level"], row["passed"]) == (None, None) or is_overall
        assert (row["shown"] is None) == (row["score"] is None)
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

    def test_an_empty_folder_an_unknown_file_and_one_that_is_no_parquet(self, tmp_path, monkeypatch):
        framework = rules.load(rules.NATIONAL, 2568)
        names = ["answers-IIT", "answers-EIT1", "answers-EIT2", "marks", "headcounts", "collection"]
        with pytest.raises(ParcelError) as caught:
            open_parcels(framework, tmp_path)
        assert caught.value.problems == [
            f"ไม่พบไฟล์ข้อมูลใน {tmp_path} (ต้องมี {', '.join(f'{n}.parquet' for n in names)} อย่างน้อยหนึ่งไฟล์)"
        ]
        (tmp_path / "answers-EIT.parquet").write_bytes(b"x")
        (tmp_path / "marks.parquet").write_bytes(b"x")
        unknown = (
            "answers-EIT.parquet: ไม่ใช่ไฟล์ของหลักเกณฑ์ปี 2568 (มีได้: "
            + ", ".join(sorted(f"{n}.parquet" for n in names))
            + ")"
        )
        with pytest.raises(ParcelError) as caught:
            open_parcels(framework, tmp_path)
        assert len(caught.value.problems) == 2
        assert "Parquet file size is 1 bytes" in caught.value.problems[0]
        assert caught.value.problems[1] == unknown

        def fail(path):
            raise OSError("ก" * 130 + "\nsecond line")

        monkeypatch.setattr(pq, "read_schema", fail)
        with pytest.raises(ParcelError) as caught:
            open_parcels(framework, tmp_path)
        assert caught.value.problems == [f"marks.parquet: อ่านเป็น Parquet ไม่ได้ ({'ก' * 120})", unknown]

    def test_an_instrument_the_year_does_not_have(self):
        framework = rules.load(rules.NATIONAL, 2564)
        with pytest.raises(ParcelError, match="EIT1"):
            score(framework, {"EIT1": ibis.memtable({"agency": ["ก"]})})


class TestStatistics:
    """A parcel whose own statistics prove its answers need not be read a second time; any doubt, and it is."""

    def store(self, folder: Path, framework, tables: dict[str, pa.Table], **options) -> frozenset[str]:
        for instrument, table in tables.items():
            pq.write_table(table, folder / f"answers-{instrument}.parquet", **options)
        return open_parcels(framework, folder).checked

    @pytest.mark.parametrize("year", YEARS)
    @pytest.mark.parametrize("statistics", [True, False, ["agency"]])
    @pytest.mark.parametrize("beyond", [-1, 0, 1])
    def test_the_last_option_of_every_scale_and_the_one_beyond(self, tmp_path, year, statistics, beyond):
        framework = YEARS[year]
        tables = whole_answers(framework, lambda c: len(c.points) - 1 + beyond)
        checked = self.store(tmp_path, framework, tables, write_statistics=statistics)
        assert checked == (frozenset(tables) if statistics is True and beyond <= 0 else frozenset())
        if beyond <= 0:
            assert not np.isnan(run(framework, tmp_path).values["1"]).any()
            return
        with pytest.raises(ParcelError) as caught:
            run(framework, tmp_path)
        columns = [c for i in sorted(tables) for c in framework.answer_columns(i)]
        assert len(caught.value.problems) == len(columns)
        for column, problem in zip(columns, caught.value.problems, strict=True):
            last = len(column.points) - 1
            assert f"คอลัมน์ {column.name} มีคำตอบลำดับที่ {last + 1} แต่มาตรนี้มีตัวเลือก 0 ถึง {last}" in problem

    @pytest.mark.parametrize("statistics", [True, False])
    def test_an_index_below_the_first_option(self, tmp_path, statistics):
        framework = YEARS[SAMPLE_YEAR]
        tables = whole_answers(framework, lambda c: 0)
        assert self.store(tmp_path, framework, tables, write_statistics=statistics) == frozenset(
            tables if statistics else ()
        )
        tables = whole_answers(framework, lambda c: -1)
        assert self.store(tmp_path, framework, tables, write_statistics=statistics) == frozenset()
        with pytest.raises(ParcelError, match="คำตอบลำดับที่ -1"):
            run(framework, tmp_path)

    @pytest.mark.parametrize("statistics", [True, False, ["i1"]])
    def test_one_row_without_an_agency(self, tmp_path, statistics):
        framework = YEARS[SAMPLE_YEAR]
        table = whole_answers(framework, lambda c: 0)["IIT"]
        table = table.set_column(0, "agency", pa.array(["A", "A", None, "A"]))
        if isinstance(statistics, list):
            statistics = [c.name for c in framework.answer_columns("IIT")]  # of everything but the agency
        assert self.store(tmp_path, framework, {"IIT": table}, write_statistics=statistics) == frozenset()
        with pytest.raises(ParcelError, match="มี 1 แถวที่ไม่มีรหัสหน่วยงาน"):
            run(framework, tmp_path)

    def test_statistics_of_the_agency_are_needed(self, tmp_path):
        framework = YEARS[SAMPLE_YEAR]
        table = whole_answers(framework, lambda c: 0)["IIT"]
        names = [c.name for c in framework.answer_columns("IIT")]
        assert self.store(tmp_path, framework, {"IIT": table}, write_statistics=names) == frozenset()
        assert self.store(tmp_path, framework, {"IIT": table}, write_statistics=["agency", *names]) == {"IIT"}

    def test_every_group_of_rows_counts(self, tmp_path):
        framework = YEARS[SAMPLE_YEAR]
        good = whole_answers(framework, lambda c: 0)["IIT"]
        bad = whole_answers(framework, lambda c: len(c.points))["IIT"]
        for parts in ([good, bad], [bad, good]):
            table = pa.concat_tables(parts)
            assert self.store(tmp_path, framework, {"IIT": table}, row_group_size=good.num_rows) == frozenset()
        table = pa.concat_tables([good, good])
        assert self.store(tmp_path, framework, {"IIT": table}, row_group_size=good.num_rows) == {"IIT"}

    def test_a_question_that_nobody_answered(self, tmp_path):
        framework = YEARS[SAMPLE_YEAR]
        table = whole_answers(framework, lambda c: 0)["IIT"]
        table = table.set_column(1, "i1", pa.array([None] * table.num_rows, pa.int16()))
        assert self.store(tmp_path, framework, {"IIT": table}) == {"IIT"}
        assert np.isnan(run(framework, tmp_path).values["i1"]).all()
        assert self.store(tmp_path, framework, {"IIT": table}, write_statistics=False) == frozenset()
        assert np.isnan(run(framework, tmp_path).values["i1"]).all()

    def test_a_column_of_numbers_that_the_year_does_not_have(self, tmp_path):
        framework = YEARS[SAMPLE_YEAR]
        table = whole_answers(framework, lambda c: 0)["IIT"]
        table = table.append_column("x", pa.array([0] * table.num_rows))
        assert self.store(tmp_path, framework, {"IIT": table}) == frozenset()
        with pytest.raises(ParcelError, match="หลักเกณฑ์ปีนี้ไม่มี x"):
            run(framework, tmp_path)

    def test_fractions_are_no_options(self, tmp_path):
        framework = YEARS[SAMPLE_YEAR]
        table = whole_answers(framework, lambda c: 0)["IIT"]
        table = table.set_column(1, "i1", pa.array([0.5] * table.num_rows))
        assert self.store(tmp_path, framework, {"IIT": table}) == frozenset()


class TestTables:
    """Inputs that are tables of an engine rather than files."""

    def tables(self, framework):
        _, answers, marks = random_year(str(framework.fiscal_year), 5, size=12)
        iit = pa.Table.from_pylist(answers["IIT"])
        return iit, pa.Table.from_pylist(marks)

    def test_a_table_a_query_and_an_expression_of_duckdb(self):
        framework = YEARS[SAMPLE_YEAR]
        iit, marks = self.tables(framework)
        engine = ibis.duckdb.connect()
        stored = engine.create_table("answers of IIT", ibis.memtable(iit))
        stored_marks = engine.create_table("marks", ibis.memtable(marks))
        expected = score(framework, {"IIT": ibis.memtable(iit)}, ibis.memtable(marks))
        for answers, given in (
            (stored, stored_marks),
            (engine.sql('SELECT * FROM "answers of IIT"', schema=stored.schema()), stored_marks),
            (stored.filter(stored.agency != "?"), stored_marks.filter(stored_marks.agency != "?")),
        ):
            result = score(framework, {"IIT": answers}, given)
            assert result.agencies == expected.agencies
            for node in framework.nodes:
                assert np.array_equal(result.values[node], expected.values[node], equal_nan=True)

    def test_totals_of_some_columns_and_of_none(self):
        """What a rehearsal sums of another year's answers: some questions, or only how many answered."""
        framework = YEARS[SAMPLE_YEAR]
        iit, _ = self.tables(framework)
        two = framework.answer_columns("IIT")[1:3]
        some, none = (sum_columns(ibis.memtable(iit), columns) for columns in (two, ()))
        by_hand = {}
        for row in iit.to_pylist():
            responses, *sums = by_hand.get(row["agency"], (0, 0, 0))
            points = [0 if row[c.name] is None else c.points[row[c.name]] for c in two]
            by_hand[row["agency"]] = (responses + 1, *(a + b for a, b in zip(sums, points, strict=True)))
        rows = zip(some.agencies.to_pylist(), some.responses.tolist(), *some.sums.T.tolist(), strict=True)
        assert {agency: tuple(numbers) for agency, *numbers in rows} == by_hand
        counted = dict(zip(none.agencies.to_pylist(), none.responses.tolist(), strict=True))
        assert counted == {agency: responses for agency, (responses, *_) in by_hand.items()}
        assert none.sums.shape == none.counts.shape == (len(by_hand), 0)
        assert {a.dtype for t in (some, none) for a in (t.responses, t.sums, t.counts)} == {np.dtype(np.int64)}

    def test_a_question_that_an_agency_did_not_answer_adds_nothing_on_an_uneven_scale(self):
        framework = YEARS[SAMPLE_YEAR]
        iit, _ = self.tables(framework)
        uneven = tuple(
            replace(c, points=(0, 30, 100, 100)[: len(c.points)]) for c in framework.answer_columns("IIT")[:1]
        )
        empty = iit.set_column(
            iit.schema.get_field_index(uneven[0].name), uneven[0].name, pa.nulls(len(iit), pa.int64())
        )
        totals = sum_columns(ibis.memtable(empty), uneven)
        assert len(iit)
        assert not totals.sums.any()
        assert not totals.counts.any()

    def test_what_is_wrong_with_a_table_is_said_of_its_instrument(self):
        framework = YEARS[SAMPLE_YEAR]
        good = whole_answers(framework, lambda c: 0)["IIT"]
        strange = good.append_column("x", pa.array([0] * len(good))).append_column("y", pa.array([0] * len(good)))
        with pytest.raises(ParcelError, match=r"^IIT: มีคอลัมน์ที่หลักเกณฑ์ปีนี้ไม่มี x, y$"):
            score(framework, {"IIT": ibis.memtable(strange)})
        bad = whole_answers(framework, lambda c: len(c.points))["IIT"]
        with pytest.raises(ParcelError, match=r"^IIT: คอลัมน์ "):
            score(framework, {"IIT": ibis.memtable(bad)})

    def test_an_index_out_of_scale_in_another_expression(self):
        framework = YEARS[SAMPLE_YEAR]
        engine = ibis.duckdb.connect()
        stored = engine.create_table("answers", ibis.memtable(whole_answers(framework, lambda c: len(c.points))["IIT"]))
        with pytest.raises(ParcelError, match="มีคำตอบลำดับที่"):
            score(framework, {"IIT": stored.filter(stored.agency != "?")})
        score(framework, {"IIT": stored.filter(stored.agency == "?")})  # no row, no problem

    def test_populations_of_instruments_the_year_does_not_have(self):
        framework = YEARS[SAMPLE_YEAR]
        iit, _ = self.tables(framework)
        answers = {"IIT": ibis.memtable(iit)}
        for columns, said in (
            ({"agency": ["ก"], "XYZ": [1], "ABC": [1]}, " (พบ ABC, XYZ)"),
            ({"IIT": [1]}, ""),
        ):
            with pytest.raises(ParcelError) as caught:
                score(framework, answers, None, ibis.memtable(pa.table(columns)))
            assert str(caught.value) == f"headcounts: ต้องมีคอลัมน์ agency และชื่อแบบวัดของปีนี้เท่านั้น{said}"

    def test_a_population_that_is_not_known(self):
        framework = YEARS[SAMPLE_YEAR]
        iit, _ = self.tables(framework)
        agencies = sorted(set(iit["agency"].to_pylist()))
        people = pa.table({"agency": agencies, "IIT": pa.array([None] + [1] * (len(agencies) - 1), pa.int64())})
        result = score(framework, {"IIT": ibis.memtable(iit)}, None, ibis.memtable(people))
        assert "minimum_unknown" in result.instrument_status["IIT"][0] or len(iit) == 0
        assert "minimum_unknown" not in result.instrument_status["IIT"][1:]

    def test_no_more_than_twenty_names_in_a_message(self):
        framework = YEARS[SAMPLE_YEAR]
        iit, marks = self.tables(framework)
        for n in range(25):
            iit = iit.append_column(f"x{n:02}", pa.array([0] * iit.num_rows))
        row = marks.slice(0, 1).to_pylist()[0]
        many = pa.Table.from_pylist([row | {"agency": f"A{n:02}"} for n in range(25)] * 2)
        with pytest.raises(ParcelError) as caught:
            score(framework, {"IIT": ibis.memtable(iit)}, ibis.memtable(many))
        extra, *repeated = caught.value.problems
        assert extra.count("x") == 20
        assert "x19" in extra
        assert [f"A{n:02}" in p for n, p in enumerate(repeated)] == [True] * 20

    def test_marks_without_agency_and_marks_the_scale_does_not_have(self):
        framework = YEARS[SAMPLE_YEAR]
        _, marks = self.tables(framework)
        rows = marks.to_pylist()
        odd = [rows[0] | {"agency": None}, rows[0] | {"agency": None, "O1": 30}, rows[1] | {"O1": 50, "O2": None}]
        with pytest.raises(ParcelError) as caught:
            score(framework, {}, ibis.memtable(pa.Table.from_pylist(odd, schema=marks.schema)))
        assert caught.value.problems == [
            "marks: มี 2 แถวที่ไม่มีรหัสหน่วยงาน",
            "marks: O1 มีคะแนน 30 แต่ให้ได้เฉพาะ 0, 100",
            "marks: O1 มีคะแนน 50 แต่ให้ได้เฉพาะ 0, 100",
        ]

    def test_every_type_that_does_not_fit_is_named(self):
        framework = YEARS[SAMPLE_YEAR]
        _, marks = self.tables(framework)
        wrong = marks.set_column(0, "agency", pa.array([1] * marks.num_rows))
        wrong = wrong.set_column(1, "O1", pa.array([0.5] * marks.num_rows))
        with pytest.raises(ParcelError) as caught:
            score(framework, {}, ibis.memtable(wrong))
        assert str(caught.value) == "\n".join(caught.value.problems)
        assert caught.value.problems == [
            "marks: คอลัมน์ agency ต้องเป็นข้อความ ไม่ใช่ int64",
            "marks: คอลัมน์ O1 ต้องเป็นจำนวนเต็ม ไม่ใช่ float64",
        ]
        with pytest.raises(ParcelError, match=r"ขาดคอลัมน์ agency, O1$"):
            score(framework, {}, ibis.memtable(marks.drop_columns(["agency", "O1"])))


def test_a_digest_stands_for_the_files(round_2568):
    framework, folder = round_2568
    before = open_parcels(framework, folder).digest
    assert open_parcels(framework, folder).digest == before
    (folder / "headcounts.parquet").write_bytes((folder / "marks.parquet").read_bytes())
    assert open_parcels(framework, folder).digest != before


def test_a_folder_whose_name_has_a_quote(tmp_path):
    framework, answers, marks = random_year(SAMPLE_YEAR, 6, size=8)
    folder = tmp_path / "it's"
    folder.mkdir()
    assert run(framework, write(folder, framework, answers, marks)).agencies


def test_a_folder_that_does_not_exist_is_nothing_to_score(tmp_path):
    with pytest.raises(ParcelError, match="ไม่พบไฟล์ข้อมูล"):
        open_parcels(YEARS[SAMPLE_YEAR], tmp_path / "nowhere")


def test_each_file_of_a_folder_is_read_as_what_it_is(tmp_path):
    framework = YEARS[SAMPLE_YEAR]
    tables = {
        "answers-IIT": whole_answers(framework, lambda c: 0)["IIT"],
        "marks": pa.table({"agency": ["A"], **{i.id: [100] for i in framework.rules.disclosure_items}}),
        "headcounts": pa.table({"agency": ["A"], "IIT": [12]}),
        "collection": pa.table({"agency": ["A"], "instrument": ["IIT"], "open_link": [True]}),
    }
    for name, table in tables.items():
        pq.write_table(table, tmp_path / f"{name}.parquet")
    parcels = open_parcels(framework, tmp_path)
    assert parcels.answers.keys() == {"IIT"}
    opened = (parcels.answers["IIT"], parcels.marks, parcels.populations, parcels.collection)
    for table, expected in zip(opened, tables.values(), strict=True):
        assert table.to_pyarrow().to_pylist() == expected.to_pylist()
    assert {path.name for path in parcels.files} == {f"{name}.parquet" for name in tables}
    (tmp_path / "collection.parquet").unlink()
    assert open_parcels(framework, tmp_path).collection is None


@pytest.mark.parametrize("name", ["headcounts", "collection"])
def test_what_stands_beside_answers_is_nothing_to_score(tmp_path, name):
    pq.write_table(pa.table({"agency": ["A"], "IIT": [12]}), tmp_path / f"{name}.parquet")
    with pytest.raises(ParcelError, match=f"^ไม่พบไฟล์ข้อมูลใน {re.escape(str(tmp_path))} "):
        open_parcels(YEARS[SAMPLE_YEAR], tmp_path)


def test_duckdb_is_told_the_columns_and_any_other_engine_opens_a_file_its_own_way(tmp_path):
    path, opened = tmp_path / "it's marks.parquet", []
    schema = pa.schema([("agency", pa.string())])
    pq.write_table(pa.table({"agency": ["A"]}), path)
    duckdb = SimpleNamespace(name="duckdb", sql=lambda query, schema: opened.append((query, schema)))
    _open_table(duckdb, path, schema)
    quoted = str(path).replace("'", "''")
    assert opened == [(f"SELECT * FROM read_parquet('{quoted}')", ibis.schema(schema))]
    other = SimpleNamespace(name="pyspark", read_parquet=lambda address: f"table of {address}")
    assert _open_table(other, path, schema) == f"table of {path}"


def test_what_scoring_does_not_have():
    import prongsai.scoring

    for name, where in (
        ("STATUS_TH", "aggregation"),
        ("Scores", "aggregation"),
        ("check_cases", "cases"),
        ("ParcelError", "totals"),
        ("Parcels", "parcels"),
        ("open_parcels", "parcels"),
        ("score", "pipeline"),
    ):
        module = importlib.import_module(f"prongsai.scoring.{where}")
        assert prongsai.scoring.__getattr__(name) is getattr(module, name)
    with pytest.raises(AttributeError, match=r"^module 'prongsai.scoring' has no attribute 'nothing_of_the_kind'$"):
        _ = prongsai.scoring.nothing_of_the_kind


def test_the_rules_of_one_agency_need_no_engine():
    code = "import sys, prongsai.analysis; print(*{'ibis', 'duckdb', 'numpy', 'pyarrow'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == ""
