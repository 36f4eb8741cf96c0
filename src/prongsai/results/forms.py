"""Forms that upload documents and tables of results."""

from typing import Any, cast

from django import forms

from prongsai.lib import fiscal, uploads
from prongsai.registry.queries import today
from prongsai.rulebooks.queries import frameworks

DOCUMENT_SUFFIXES = (
    *(".pdf", ".docx", ".xlsx", ".xls", ".xlsb", ".ods", ".odt", ".rtf", ".html", ".htm", ".mht", ".mhtml"),
    *(".csv", ".tsv", ".txt", ".jpg", ".jpeg", ".png", ".zip"),
)
MAX_PASTED_LETTERS = 500_000


def list_years(assessment: str) -> list[tuple[int, str]]:
    """Years that a result can be of, newest first, each as it is offered: those up to the present one, with rules or
    without."""
    in_force, present = frameworks(assessment), fiscal.year_of(today())
    years = range(min(in_force), present + 1) if in_force else ()
    marked = (year for year in years if year not in in_force or in_force[year].is_provisional)
    notes = dict.fromkeys(marked, " (หลักเกณฑ์ฉบับชั่วคราว)")
    return [(year, f"{year}{notes.get(year, '')}") for year in reversed(years)]


class TypedResultForm(forms.Form):
    """Begins a result that is typed from a paper or a web page."""

    fiscal_year = forms.TypedChoiceField(label="ปีงบประมาณของผล", coerce=int)
    source = forms.CharField(label="ผลนี้มาจากที่ใด", max_length=200, help_text="เช่น หนังสือแจ้งผลเลขที่ หรือที่อยู่หน้าเว็บที่ประกาศ")

    def __init__(self, *args: Any, assessment: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = list_years(assessment)
        cast("forms.ChoiceField", self.fields["fiscal_year"]).choices = years


class DocumentForm(forms.Form):
    """Takes one agency's document of results: a file, the address of a page, or text that is pasted."""

    file = forms.FileField(
        label="เอกสารผลการประเมิน",
        required=False,
        help_text=(
            "PDF, Word (.docx), Excel, OpenDocument, RTF, หน้าเว็บที่บันทึกไว้ (.html .mht), CSV, ข้อความ ภาพสแกนหรือภาพถ่าย (.jpg .png) "
            "หรือ ZIP ของไฟล์เหล่านี้ เช่น ภาพถ่ายหลายหน้า "
            f"ไม่เกิน {uploads.MAX_MEGABYTES} MB ระบบจะอ่านตัวเลขให้ตรวจก่อนบันทึก ไฟล์ .doc ให้เปิดใน Word แล้วบันทึกเป็น .docx ก่อน"
        ),
        widget=forms.FileInput(attrs={"accept": ",".join(DOCUMENT_SUFFIXES)}),
    )
    address = forms.CharField(
        label="หรือที่อยู่ของหน้าเว็บหรือไฟล์ที่ประกาศผล",
        required=False,
        max_length=200,
        help_text="ขึ้นต้นด้วย https:// หน้าที่ต้องลงชื่อเข้าใช้ ให้บันทึกเป็นไฟล์แล้วส่งไฟล์แทน",
        widget=forms.TextInput(attrs={"placeholder": "https://", "autocomplete": "off", "inputmode": "url"}),
    )
    text = forms.CharField(
        label="หรือวางข้อความ",
        required=False,
        max_length=MAX_PASTED_LETTERS,
        strip=False,
        help_text="คัดลอกจากหน้าเว็บ ตาราง หรือข้อความ รวมชื่อหน่วยงานและปีด้วย",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    fiscal_year = forms.TypedChoiceField(
        label="ปีงบประมาณของผล",
        coerce=lambda v: int(v) if v else None,
        empty_value=None,
        required=False,
        help_text="เว้นไว้หากเอกสารบอกปีอยู่แล้ว",
    )

    def __init__(self, *args: Any, assessment: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = list_years(assessment)
        cast("forms.ChoiceField", self.fields["fiscal_year"]).choices = [("", "ตามที่เอกสารบอก"), *years]

    def clean(self) -> dict[str, Any]:
        """Exactly one of the three."""
        cleaned = super().clean() or self.cleaned_data
        filled = [name for name in ("file", "address", "text") if str(cleaned.get(name) or "").strip()]
        if not filled and not self.errors:
            self.add_error("file", "เลือกไฟล์ หรือใส่ที่อยู่เว็บ หรือวางข้อความ อย่างใดอย่างหนึ่ง")
        elif len(filled) > 1:
            self.add_error(filled[1], "ใช้ทีละอย่าง ระหว่างไฟล์ ที่อยู่เว็บ และข้อความที่วาง")
        return cleaned


class BulkImportForm(forms.Form):
    """Uploads a table with the results of many agencies."""

    file = forms.FileField(
        label="ตารางผลของหลายหน่วยงาน",
        help_text="Excel, OpenDocument หรือ CSV หนึ่งแถวต่อหนึ่งหน่วยงาน ต้องมีคอลัมน์ รหัส และคะแนน เช่น คะแนนรวม ระดับ IIT 1 2 3",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.xlsb,.ods,.csv"}),
    )
    fiscal_year = forms.TypedChoiceField(label="ปีงบประมาณ", coerce=int)

    def __init__(self, *args: Any, assessment: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = list_years(assessment)
        cast("forms.ChoiceField", self.fields["fiscal_year"]).choices = years
