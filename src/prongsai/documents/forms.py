"""Forms of documents."""

from collections.abc import Sequence
from typing import Any

from django import forms

from prongsai.documents.hand_signatures import SCAN_SUFFIXES
from prongsai.lib import uploads
from prongsai.lib.fields import DateField


class HandSignatureForm(forms.Form):
    """Who signed a memo on paper, and when; ``waiting`` are the positions that may be chosen, all chosen at first."""

    positions = forms.MultipleChoiceField(
        label="ตำแหน่งที่ลงนามแล้ว", widget=forms.CheckboxSelectMultiple, error_messages={"required": "เลือกตำแหน่งที่ลงนามแล้ว"}
    )
    signed_on = DateField(label="วันที่ลงนาม", help_text="หากลงนามต่างวันกัน ติ๊กและบันทึกทีละวัน")
    file = forms.FileField(
        label="ไฟล์สแกนที่ลงนามแล้ว (ถ้ามี)",
        required=False,
        help_text=f"PDF, JPG หรือ PNG ไม่เกิน {uploads.MAX_MEGABYTES} MB",
        widget=forms.FileInput(attrs={"accept": ",".join(SCAN_SUFFIXES)}),
    )

    def __init__(self, *args: Any, waiting: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("positions", list(waiting))
        self.waiting = waiting
        field = self.fields["positions"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(position, position) for position in waiting]
