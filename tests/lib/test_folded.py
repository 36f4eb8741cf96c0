"""Errors that concern many things: few are named in the sentence, many are counted and folded below it."""

from prongsai.lib.folded import fold_names


def test_up_to_three_are_named_in_the_sentence():
    assert fold_names(["ก", "ข", "ค"], "ไฟล์", "ใหญ่เกินไป") == "ไฟล์ “ก”, “ข”, “ค” ใหญ่เกินไป"
    assert fold_names(["ก"], "", "ใหญ่เกินไป") == "“ก” ใหญ่เกินไป"


def test_more_are_counted_and_none_is_lost():
    text = fold_names(["ก", "ข", "ค", "ง"], "ไฟล์", "ใหญ่เกินไป")
    assert text.startswith("ไฟล์ 4 รายการ ใหญ่เกินไป<details>")
    assert text.count("<li>") == 4
    assert "<li>“ง”</li>" in text


def test_a_name_is_text_and_no_markup():
    """The attacker names an uploaded file so that it runs in the page of whoever reads the error."""
    hostile = "<script>alert(1)</script>"
    folded = fold_names([hostile] * 4, hostile, hostile)
    assert "<script" not in folded
    assert folded.count("&lt;script&gt;") == 6
    assert not hasattr(fold_names([hostile], "ไฟล์", ""), "__html__")  # a template escapes it


def test_a_long_name_is_cut_where_that_shows():
    assert fold_names(["ก" * 80], "", "") == f"“{'ก' * 80}”"
    assert fold_names(["ก" * 81], "", "") == f"“{'ก' * 80}…”"
