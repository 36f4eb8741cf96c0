"""Rules under another reading: what it changes, and questions whose words are not known."""

from dataclasses import fields

from prongsai.framework.schema import Reading, SurveyItem, apply_reading
from tests.framework.small import small_rules

AS_IT_IS = {field.name for field in fields(SurveyItem)} - {
    "id",
    "label",
    "continues",
    "answers",
    "basis",
    "scale_basis",
}


def a_reading(rules, **changed):
    basis = rules.disclosure_items[0].placement
    assert basis != rules.survey_items[0].basis
    return Reading(id="more", label=rules.title, basis=basis, **{"changes": {}, **changed})


def test_unknown_questions_are_like_the_first_of_their_indicator():
    """As many as the reading says, numbered from one; they have no words of another question and continue none."""
    rules = small_rules()
    reading = a_reading(rules, more_questions={"2": 2, "1": 1})
    questions = apply_reading(rules, reading).survey_items
    first, second = rules.survey_items
    assert first.continues
    assert second.answers
    assert questions[:2] == (first, second)
    added = questions[2:]
    assert [question.id for question in added] == ["2.more-1", "2.more-2", "1.more-1"]
    for question, like in zip(added, (second, second, first), strict=True):
        assert {name: getattr(question, name) for name in AS_IT_IS} == {n: getattr(like, n) for n in AS_IT_IS}
        assert (question.continues, question.answers) == ((), ())
        assert (question.basis, question.scale_basis) == (reading.basis, reading.basis)
    assert [question.label.en for question in added[:2]] == [
        f"Question {number} of indicator 2 whose words are not known" for number in (1, 2)
    ]
    assert [question.label.th for question in added[:2]] == [
        f"คำถามอื่นของตัวชี้วัด 2 ที่ไม่พบถ้อยคำ ข้อที่ {number}" for number in (1, 2)
    ]


def test_unknown_questions_come_after_those_that_the_reading_changes():
    rules = small_rules()
    reading = a_reading(rules, changes={"survey_items": {"i1": {"direction": "negative"}}}, more_questions={"1": 1})
    questions = apply_reading(rules, reading).survey_items
    assert [(question.id, question.direction) for question in questions] == [
        ("i1", "negative"),
        ("e1", "negative"),
        ("1.more-1", "negative"),
    ]
    assert apply_reading(rules, reading).readings == ()
