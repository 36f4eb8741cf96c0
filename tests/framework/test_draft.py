"""Where a problem of the rules is: the file and line of what is written, and a place for what is not."""

import shutil

import pytest

from prongsai import framework as rules
from prongsai.framework.loader import check, check_data
from prongsai.framework.reading import read_data
from prongsai.framework.schema import as_data
from tests.framework.small import FOLDER, small_rules


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(FOLDER, tmp_path / "ita" / "2568")


def test_a_folder_without_its_main_file_has_this_one_problem(tmp_path):
    (problem,) = check(tmp_path)
    assert (problem.code, problem.file, problem.line) == ("missing-framework-file", str(tmp_path), 1)


def test_it_is_the_one_problem_beside_the_year_before_too(folder):
    """Whatever else is in the folder: nothing of it is read."""
    after = folder.with_name("2569")
    shutil.copytree(folder, after)
    (after / "framework.yaml").unlink()
    (problem,) = check(after)
    assert problem.code == "missing-framework-file"


def test_an_entry_of_a_second_file_is_found_in_that_file(folder):
    """The list goes on: what is the first entry there is the third of all."""
    (folder / "more.yaml").write_text("# more\nsurvey_items:\n  - no question\n", encoding="utf-8")
    found = [problem for problem in check(folder) if problem.code == "wrong-shape"]
    assert [(problem.file, problem.line, problem.place) for problem in found] == [("more.yaml", 3, ("survey_items", 2))]


def test_what_is_written_nowhere_has_no_line_in_data_and_the_first_in_files():
    for locations, where in ((None, ("", 0)), ({}, ("framework.yaml", 1))):
        problems = read_data({}, locations).problems
        assert {(problem.file, problem.line) for problem in problems} == {where}
        assert {problem.place for problem in problems} == {()}
        assert {problem.code for problem in problems} == {"missing-field"}


def test_a_field_that_is_not_known_is_answered_with_those_that_are():
    """None of them is one of the program's own."""
    data = as_data(small_rules()) | {"qqqqqqqq": 1}
    _, problems = check_data(data, None)
    (problem,) = problems
    assert problem.code == "unknown-field"
    assert problem.how.startswith("ที่มีได้: assessment, bands, calendar, ")
    assert "__" not in problem.how


def test_a_name_that_the_room_has_not_is_named():
    with pytest.raises(AttributeError, match=r"module 'prongsai\.framework' has no attribute 'lode'"):
        _ = rules.lode
