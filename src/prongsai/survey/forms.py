"""Forms of the survey's desks."""

from django import forms


class InterviewsForm(forms.Form):
    file = forms.FileField(
        label="ไฟล์ผลสัมภาษณ์",
        help_text=".xlsx หรือ .csv หนึ่งแถวต่อหนึ่งคน หัวคอลัมน์คือรหัสข้อ ค่าคือลำดับตัวเลือกเริ่มจาก 1",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )


class RollsForm(forms.Form):
    file = forms.FileField(
        label="ไฟล์บัญชีจำนวนคน",
        help_text=".xlsx หรือ .csv หนึ่งแถวต่อหนึ่งหน่วยงานย่อย: รหัสหน่วยงาน แบบวัด หน่วยงานย่อย จำนวนคน ไม่มีชื่อคน",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )
