"""Draft text can be said in other words: the words stay, are marked, and go only where the officer says so."""

import dataclasses
from fractions import Fraction

import pytest

from prongsai.documents import actions, compose_document, issue_document, sources
from prongsai.documents.content.blocks import MarkedList, list_texts
from prongsai.documents.content.data import DocumentDataError, Formatting, TextEdit
from prongsai.documents.content.passages import apply_edits, list_passages
from prongsai.documents.issuance import digest_content
from prongsai.documents.models import Memo, Paper, PassageEdit
from prongsai.documents.papers import KINDS
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry
from prongsai.results import queries as results
from tests.conftest import sample_year
from tests.documents.desk import issue, papers, write
from tests.documents.samples import MEASURES, sample_data


def paper(kind, *edits, **more):
    return compose_document(kind, sample_data("daengmo", measures=MEASURES, edits=edits, **more))


@pytest.mark.parametrize("kind", KINDS)
def test_every_passage_has_a_key_of_its_own_and_can_be_said_otherwise(kind):
    passages = list_passages(paper(kind))
    keys = [passage.key for passage in passages]
    assert len(keys) == len(set(keys))
    for passage in passages:
        words = "ถ้อยคำของหน่วยงานเอง"
        edited = list_passages(paper(kind, TextEdit(passage.key, words)))
        assert [p.text for p in edited] == [words if p.key == passage.key else p.text for p in passages]


def test_a_passage_of_an_annex_stands_under_the_name_of_the_annex():
    data = sample_data("phron")
    passages = list_passages(compose_document("memo", data))
    annex = [p.heading for p in passages if p.key.startswith("1.")]
    assert annex
    assert all(heading.startswith("ผลคะแนนการเปิดเผยข้อมูลสาธารณะ") for heading in annex)


@pytest.mark.parametrize("letter", ["\u202e", "\u2066", "\u2069", "\u200b", "\u061c", "\U000e0041", "\ufe0f", "\u00ad"])
def test_a_letter_that_nobody_sees_is_left_out_of_what_is_pasted(letter):
    key = list_passages(paper("summary"))[0].key
    edited = list_passages(paper("summary", TextEdit(key, f"ถ้อย{letter}คำ")))
    assert edited[0].text == "ถ้อยคำ"


def test_keys_stay_while_figures_change():
    one, other = (compose_document("summary", sample_data(name)) for name in ("daengmo", "lumphuek"))
    keys, others = ({p.key for p in list_passages(document)} for document in (one, other))
    assert len(keys & others) > len(keys) / 2


def test_digits_are_those_of_the_paper():
    key = list_passages(paper("summary"))[0].key
    assert "๑๒ กอง" in "\n".join(list_texts(paper("summary", TextEdit(key, "มอบหมาย 12 กอง"))))
    arabic = paper("summary", TextEdit(key, "มอบหมาย 12 กอง"), formatting=Formatting("arabic"))
    assert "12 กอง" in "\n".join(list_texts(arabic))


def test_a_passage_without_words_is_left_out_and_the_list_numbered_anew():
    data = sample_data("phron")
    document = compose_document("memo", data)
    items = next(b for s in document.sections for b in s.blocks if isinstance(b, MarkedList) and len(b.items) > 2)
    first = next(p for p in list_passages(document) if p.text == items.items[0][1])
    edited = compose_document("memo", dataclasses.replace(data, edits=(TextEdit(first.key, ""),)))
    shorter = next(b for s in edited.sections for b in s.blocks if isinstance(b, MarkedList))
    assert [text for _, text in shorter.items] == [text for _, text in items.items[1:]]
    assert [mark for mark, _ in shorter.items] == [mark for mark, _ in items.items[:-1]]


def test_what_cannot_be_printed_is_refused_with_its_place():
    key = list_passages(paper("summary"))[0].key
    with pytest.raises(DocumentDataError, match="ข้อความ"):
        paper("summary", TextEdit(key, "ดีมาก 😀"))


def test_an_unknown_key_changes_nothing():
    assert apply_edits(paper("summary"), {"9.none.0.0": "x"}) == paper("summary")


def test_a_figure_in_own_words_that_contradicts_is_named():
    key = list_passages(paper("measures"))[1].key
    words = "ตัวชี้วัดที่ 9 การเปิดเผยข้อมูล ได้คะแนน 12.34 คะแนน"
    data = sample_data("daengmo", measures=MEASURES, edits=(TextEdit(key, words),))
    issued = issue_document("measures", data, read_whole_pdf=False)
    assert "12.34" in issued.contradictions[0]
    assert issued.faults == ()


# --- on screen


def fields(kind, agency):
    data = sources.collect_data(agency, sample_year(), kind)
    return {p.key: p.text for p in sources.list_passages_of(kind, data)}


def save(client, kind, **posted):
    """Send the page as it was opened, with what is posted."""
    shown = client.get(papers("edit_text", kind)).context["passages"]
    return client.post(papers("edit_text", kind), {f"o:{p.key}": p.now for p in shown} | posted)


def test_words_are_kept_marked_and_given_back(client, office, agencies):
    client.force_login(office["officer"])
    texts = fields("summary", agencies[0])
    key = next(iter(texts))
    posted = {f"t:{k}": text for k, text in texts.items()}
    assert save(client, "summary", **posted).status_code == 302
    assert not PassageEdit.objects.exists()  # what was not changed is not kept
    assert save(client, "summary", **posted | {f"t:{key}": "ขอเรียนสรุปผลดังนี้"}).status_code == 302
    edit = PassageEdit.objects.get()
    assert (edit.text, edit.original) == ("ขอเรียนสรุปผลดังนี้", texts[key])
    assert "ขอเรียนสรุปผลดังนี้" in client.get(papers("paper_preview", "summary")).content.decode()
    page = client.get(papers("edit_text", "summary")).content.decode()
    assert page.count('tag good">แก้แล้ว') == 1
    assert "แก้ข้อความไว้ 1 แห่ง" in client.get(papers()).content.decode()
    issue(client, "summary")
    assert Paper.objects.count() == 1
    assert AuditEntry.objects.filter(action="documents.edit").count() == 2
    PassageEdit.objects.update(original="คะแนนเดิม")  # the figures have changed since
    assert "ข้อมูลเปลี่ยนไปตั้งแต่ที่แก้ไว้" in client.get(papers("edit_text", "summary")).content.decode()
    save(client, "summary", **posted | {f"t:{key}": "ขอเรียนสรุปผลดังนี้", "restore": key})
    assert not PassageEdit.objects.exists()
    assert "ขอเรียนสรุปผลดังนี้" not in client.get(papers("paper_preview", "summary")).content.decode()


def test_words_without_a_place_are_not_lost(client, office, agencies):
    client.force_login(office["officer"])
    answer = save(client, "summary", **{"t:9.none.0.0": "ถ้อยคำที่พิมพ์ไว้นาน"})
    assert answer.status_code == 422
    assert "ถ้อยคำที่พิมพ์ไว้นาน" in answer.content.decode()
    assert not PassageEdit.objects.exists()
    PassageEdit.objects.create(
        agency=agencies[0],
        kind="summary",
        fiscal_year=sample_year(),
        key="9.none.0.0",
        original="x",
        text="ของเดิมที่ไม่มีที่วาง",
        by=office["officer"],
    )
    assert "ของเดิมที่ไม่มีที่วาง" in client.get(papers("edit_text", "summary")).content.decode()


def test_a_memo_is_written_in_the_words_of_its_draft(client, office, agencies):
    client.force_login(office["officer"])
    texts = fields("memo", agencies[0])
    key = next(k for k, text in texts.items() if "จึงเรียนมา" in text)
    save(client, "memo", **{f"t:{k}": text for k, text in texts.items()} | {f"t:{key}": "จึงเรียนมาเพื่อโปรดพิจารณาสั่งการ"})
    write(client)
    assert "จึงเรียนมาเพื่อโปรดพิจารณาสั่งการ" in "\n".join(list_texts(sources.compose_memo(Memo.objects.get())))


def test_words_too_long_or_unprintable_are_refused_and_stay_typed(client, office, agencies):
    client.force_login(office["officer"])
    key = next(iter(fields("summary", agencies[0])))
    for words in ("ก" * (actions.MAX_PASSAGE_LETTERS + 1), "ยินดีด้วย 😀"):
        answer = save(client, "summary", **{f"t:{key}": words})
        assert answer.status_code == 422
        assert words in answer.content.decode()
        with pytest.raises(DomainError):
            actions.save_edits(
                agency=agencies[0],
                kind="summary",
                fiscal_year=sample_year(),
                texts={key: words},
                shown=fields("summary", agencies[0]),
                restored=(),
                by=office["officer"],
            )
    assert not PassageEdit.objects.exists()


def test_words_stay_with_what_they_were_written_about():
    """The first of the weak items gets full marks: what was written of the second is still of the second."""
    data = sample_data("phron")
    weak = [p for p in list_passages(compose_document("memo", data)) if p.text.startswith(("O1 ", "O8 ", "O23 "))]
    about = next(p for p in weak if p.text.startswith("O8 "))
    scores = {node: score for node, score in data.result.scores.items() if node not in ("O1", "OIT", "9", "9.1")}
    better = dataclasses.replace(data, result=dataclasses.replace(data.result, scores=scores | {"O1": Fraction(100)}))
    edited = dataclasses.replace(better, edits=(TextEdit(about.key, "O8 ข้อความของหน่วยงาน"),))
    texts = list_texts(compose_document("memo", edited))
    assert sum("ข้อความของหน่วยงาน" in text for text in texts) == 1
    assert not [text for text in texts if "Q&A ไม่มีช่องทางถามตอบ" in text]
    assert any("O๒๓" in text or "O23" in text for text in texts)


def test_a_page_opened_earlier_undoes_nothing(client, office, agencies):
    """A colleague edits while the page stands open; it is then sent as it was."""
    client.force_login(office["officer"])
    texts = fields("summary", agencies[0])
    key = next(iter(texts))
    opened = {f"o:{k}": text for k, text in texts.items()} | {f"t:{k}": text for k, text in texts.items()}
    save(client, "summary", **{f"t:{key}": "ถ้อยคำของเพื่อนร่วมงาน"})
    assert client.post(papers("edit_text", "summary"), opened).status_code == 302
    assert PassageEdit.objects.get().text == "ถ้อยคำของเพื่อนร่วมงาน"
    both = client.post(papers("edit_text", "summary"), opened | {f"t:{key}": "ถ้อยคำของฉัน"})
    assert both.status_code == 422
    assert "ถ้อยคำของฉัน" in both.content.decode()
    assert "เปลี่ยนไปตั้งแต่เปิดหน้านี้" in both.content.decode()
    assert PassageEdit.objects.get().text == "ถ้อยคำของเพื่อนร่วมงาน"


def test_what_the_system_says_anew_is_no_edit(client, office, agencies):
    """The figures change while the page stands open, and it is sent untouched."""
    client.force_login(office["officer"])
    texts = fields("summary", agencies[0])
    opened = {f"{mark}:{key}": f"{text} เดิม" for key, text in texts.items() for mark in "ot"}
    assert client.post(papers("edit_text", "summary"), opened).status_code == 302
    assert not PassageEdit.objects.exists()


def test_words_without_a_place_can_be_given_up(client, office, agencies):
    client.force_login(office["officer"])
    values = {"agency": agencies[0], "kind": "summary", "fiscal_year": sample_year(), "by": office["officer"]}
    PassageEdit.objects.create(**values, key="9.none.0.0", original="x", text="ของเดิม")
    save(client, "summary", restore="9.none.0.0")
    assert not PassageEdit.objects.exists()


def test_an_error_names_the_paragraph(client, office, agencies):
    client.force_login(office["officer"])
    shown = client.get(papers("edit_text", "summary")).context["passages"]
    last = shown[-1]
    answer = save(client, "summary", **{f"t:{last.key}": "ยินดีด้วย 😀"}).content.decode()
    assert f"หัวข้อ {last.heading} ย่อหน้า “{last.ours[:30]}" in answer.replace("&quot;", '"')
    assert "ข้อความที่แก้ (" not in answer


def test_a_figure_that_differs_is_noted_beside_the_words(client, office, agencies):
    """As soon as they are saved, with the right figure; they are saved all the same."""
    client.force_login(office["officer"])
    key = next(iter(fields("summary", agencies[0])))
    words = f"ผลการประเมินปี {sample_year()} ในภาพรวมร้อยละ 99.99"
    assert save(client, "summary", **{f"t:{key}": words}).status_code == 302
    page = client.get(papers("edit_text", "summary"))
    (noted,) = [p for p in page.context["passages"] if p.text_notes]
    overall = sources.find_result(agencies[0], sample_year()).shown["overall"]
    assert noted.key == key
    assert f"คือ {overall}" in page.content.decode()
    assert PassageEdit.objects.get().text == words


@pytest.mark.parametrize("kind", ["checklist", "reminder", "year_end"])
def test_own_words_are_read_back_in_papers_without_scores_too(kind):
    data = sample_data("daengmo", measures=MEASURES)
    key = next(p.key for p in list_passages(compose_document(kind, data)))
    words = f"ผลการประเมินปี {data.result.framework.fiscal_year} ในภาพรวมร้อยละ 99.99"
    wrong = dataclasses.replace(data, edits=(TextEdit(key, words),))
    (contradiction,) = issue_document(kind, wrong, read_whole_pdf=False).contradictions
    assert "99.99" in contradiction
    right = dataclasses.replace(data, edits=(TextEdit(key, words.replace("99.99", "85 ตามค่าเป้าหมาย")),))
    assert issue_document(kind, right, read_whole_pdf=False).contradictions == ()


# --- the paper against the figures of now


@pytest.fixture
def changeable(monkeypatch):
    """Results that can be changed as a correction changes them: the database refuses it otherwise."""
    totals = {}
    scores_of = results.scores_of
    monkeypatch.setattr(results, "scores_of", lambda result: {**scores_of(result), **totals})
    return totals


def test_the_page_of_papers_marks_words_older_than_the_figures(client, office, agencies, changeable):
    client.force_login(office["officer"])
    key, text = next((k, t) for k, t in fields("summary", agencies[0]).items() if "ในภาพรวม" in t)
    save(client, "summary", **{f"t:{key}": f"{text} ขอรายงาน"})
    issue(client, "summary")
    page = client.get(papers() + "?check=summary").content.decode()
    assert "ตรงกับข้อมูลในระบบขณะนี้" in page
    assert "เขียนก่อนข้อมูลเปลี่ยน" not in page
    changeable["overall"] = Fraction("51.25")
    for page in (client.get(papers() + "?check=summary"), client.get(papers("offered_paper", "summary"))):
        assert "เขียนก่อนข้อมูลเปลี่ยน" in page.content.decode()
        assert "ข้อมูลเปลี่ยนไปหลังออกฉบับล่าสุด" in page.content.decode()
    answer = client.post(papers("edit_text", "summary"), {"restore": key, "back": "papers"})
    assert answer.url.startswith(papers())
    assert not PassageEdit.objects.exists()
    assert "เขียนก่อนข้อมูลเปลี่ยน" not in client.get(answer.url.partition("#")[0]).content.decode()


def test_a_paper_whose_figures_change_while_it_is_written_is_written_anew(
    client, office, agencies, changeable, monkeypatch
):
    client.force_login(office["officer"])
    written = []

    def issue_slowly(kind, data, **more):
        changeable["overall"] = Fraction("51.25")  # somebody corrects it meanwhile
        written.append(data)
        return issue_document(kind, data, **more)

    monkeypatch.setattr(actions, "issue_document", issue_slowly)
    issue(client, "summary")
    assert len(written) == 2
    paper = Paper.objects.get()
    assert paper.content_digest == digest_content(
        "summary", sources.collect_data(agencies[0], sample_year(), "summary")
    )


def test_a_paper_whose_figures_never_rest_is_not_issued(client, office, agencies, changeable, monkeypatch):
    client.force_login(office["officer"])

    def issue_slowly(kind, data, **more):
        changeable["overall"] = changeable.get("overall", Fraction(50)) + 1
        return issue_document(kind, data, **more)

    monkeypatch.setattr(actions, "issue_document", issue_slowly)
    issue(client, "summary")
    assert not Paper.objects.exists()
    assert "ออกเอกสารอีกครั้ง" in client.get(papers()).content.decode()
