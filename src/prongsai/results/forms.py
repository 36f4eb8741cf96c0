"""Forms that upload documents and tables of results."""

from typing import Any, cast

from django import forms

from prongsai.rulebooks.queries import frameworks


class DocumentForm(forms.Form):
    """Uploads one agency's document of results."""

    file = forms.FileField(
        label="เอกสารผลการประเมิน",
        help_text="PDF, Word, Excel, CSV หรือข้อความ ไม่เกิน 20 MB ระบบจะอ่านตัวเลขให้ตรวจก่อนบันทึก",
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
        years = [(year, year) for year in frameworks(assessment)]
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
        years = [(year, year) for year in frameworks(assessment)]
        cast("forms.ChoiceField", self.fields["fiscal_year"]).choices = years
