"""An agency's own Word file in place of ours: checked when it is uploaded, filled when a document is issued.

A template is a .docx with tags (``{{ agency }}``, ``{%tr for p in plan %}`` … ``{%tr endfor %}``; ``tags`` lists all).
It comes from outside and is not trusted: ``package`` decides whether it may be opened, ``language`` what its tags may
say, and both checking and filling are done in the sandbox. What was filled is checked like an upload before it is given
out, by another process than the one that filled it.
"""

from typing import Any

from prongsai.documents.agency_templates.package import MAX_BYTES, find_package_problem
from prongsai.documents.agency_templates.tags import build_tag_values
from prongsai.documents.content.data import DocumentData, validate
from prongsai.documents.content.facts import ResultFacts
from prongsai.documents.content.wording import describe_provisional_rules
from prongsai.lib import sandbox, thai

CANNOT_OPEN = "เปิดไฟล์ Word นี้ไม่ได้ ไฟล์อาจเสีย ลองเปิดใน Word แล้วบันทึกใหม่เป็น .docx"
CANNOT_RENDER = "ประกอบไฟล์นี้ไม่สำเร็จ แท็กของตารางต้องใช้ {%tr … %} และของย่อหน้าใช้ {%p … %} โดยแท็กหนึ่งอยู่ในแถวหรือย่อหน้าของตัวเอง"


class TemplateFileError(ValueError):
    """The file cannot be used as a template; ``problems`` are Thai sentences."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


_CHECK_LIMITS = sandbox.Limits(seconds=4, max_seconds=4, wall=20, memory=600_000_000, answer=1_000_000)
FILL_LIMITS = sandbox.Limits(seconds=10, max_seconds=10, wall=60, memory=800_000_000, answer=2 * MAX_BYTES)
_IN_SANDBOX = "prongsai.documents.agency_templates.rendering"
_PRELOAD = ("docx", "docxtpl")
_STOPPED = {
    "time": "แม่แบบใช้เวลานานผิดปกติ จึงหยุด ลดวงซ้อน รูป หรือจำนวนตารางในไฟล์",
    "memory": "แม่แบบใช้หน่วยความจำมากผิดปกติ จึงหยุด ลดวงซ้อน รูป หรือจำนวนตารางในไฟล์",
    "size": "ประกอบแม่แบบแล้วไฟล์ใหญ่ผิดปกติ จึงหยุด ลดวงซ้อน รูป หรือจำนวนตารางในไฟล์",
    "busy": "ระบบกำลังตรวจไฟล์อื่นอยู่ รอสักครู่แล้วส่งใหม่",
}


def check_template(data: bytes, kind: str) -> list[str]:
    """Every problem of a template for a document, in Thai, with the tag and its place; empty when it can be used."""
    if len(data) > MAX_BYTES:
        return [find_package_problem(data)]  # by its length alone
    return _list_problems(_run(f"{_IN_SANDBOX}:answer_check", data, kind, limits=_CHECK_LIMITS))


def check_word_file(data: bytes) -> list[str]:
    """Why a Word file may not be given out as a paper, in Thai; empty when it may."""
    return _list_problems(_run(f"{_IN_SANDBOX}:answer_word_file", data, limits=_CHECK_LIMITS))


def fill_template(data: bytes, kind: str, document_data: DocumentData) -> bytes:
    """The template with the document's texts in place of its tags, as .docx. Raises TemplateFileError and
    DocumentDataError."""
    facts = ResultFacts(validate(document_data))
    remark = thai.in_digits(describe_provisional_rules(facts), facts.data.formatting.digits)
    values = build_tag_values(kind, facts)
    filled = _run(f"{_IN_SANDBOX}:answer_filled", data, kind, values, remark, limits=FILL_LIMITS)
    if not isinstance(filled, bytes):
        raise TemplateFileError(_list_problems(filled) or [CANNOT_RENDER])
    if problems := check_word_file(filled):
        raise TemplateFileError(problems)
    return filled


def _run(job: str, *arguments: Any, limits: sandbox.Limits) -> Any:
    """What a job answers; what stopped it is a problem of the template."""
    try:
        return sandbox.run(job, *arguments, limits=limits, preload=_PRELOAD)
    except sandbox.SandboxError as error:
        return [_STOPPED.get(error.reason, CANNOT_OPEN)]


def _list_problems(answer: Any) -> list[str]:
    return [str(problem)[:1000] for problem in answer[:200]] if isinstance(answer, list) else [CANNOT_OPEN]
