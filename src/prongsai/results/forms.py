"""Forms that upload documents and tables of results."""

from typing import Any, cast

from django import forms

from prongsai.lib import fiscal, uploads
from prongsai.registry.queries import today
from prongsai.rulebooks.queries import frameworks


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
    """Uploads one agency's document of results."""

    file = forms.FileField(
        label="เอกสารผลการประเมิน",
        help_text=f"PDF, Word, Excel, CSV หรือข้อความ ไม่เกิน {uploads.MAX_MEGABYTES} MB ระบบจะอ่านตัวเลขให้ตรวจก่อนบันทึก",
        widget=forms.FileInput(attrs={"accept": ".pdf,.docx,.xlsx,.csv,.txt"}),
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


class BulkImportForm(forms.Form):
    """Uploads a table with the results of many agencies."""

    file = forms.FileField(
        label="ตารางผลของหลายหน่วยงาน",
        help_text=".xlsx หรือ .csv หนึ่งแถวต่อหนึ่งหน่วยงาน ต้องมีคอลัมน์ รหัส และคะแนน เช่น คะแนนรวม ระดับ IIT 1 2 3",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )
    fiscal_year = forms.TypedChoiceField(label="ปีงบประมาณ", coerce=int)

    def __init__(self, *args: Any, assessment: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = list_years(assessment)
        cast("forms.ChoiceField", self.fields["fiscal_year"]).choices = years
