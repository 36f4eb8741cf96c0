"""The form that takes a table of several items."""

from django import forms


class TableForm(forms.Form):
    """A table pasted as text, or uploaded."""

    table = forms.CharField(
        label="ตารางที่คัดลอกมา",
        required=False,
        max_length=1_000_000,
        widget=forms.Textarea(attrs={"rows": 6, "wrap": "off", "spellcheck": "false"}),
        help_text="คอลัมน์: ข้อ (เช่น O1) ลิงก์ คำอธิบาย มีแถวหัวตารางหรือไม่ก็ได้",
    )
    file = forms.FileField(
        label="หรือเลือกไฟล์ตาราง (.xlsx หรือ .csv)",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )
