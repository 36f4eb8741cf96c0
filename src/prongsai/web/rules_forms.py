"""Forms of the office's pages about rules."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms

from prongsai.framework import Framework
from prongsai.framework.workbook.layout import SHEETS, Column
from prongsai.lib.fields import DateField, DecimalField, IntegerField


class BeginYearForm(forms.Form):
    """Begins the draft of a year from the rules of another, or of the year itself."""

    fiscal_year = IntegerField(label="ปีงบประมาณ (พ.ศ.)", min_value=2500, max_value=2700)
    source = forms.TypedChoiceField(label="เริ่มจากหลักเกณฑ์ปี", coerce=str)

    def __init__(self, *args: Any, sources: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["source"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(sources)


class WorkbookForm(forms.Form):
    """Uploads the workbook of a year."""

    file = forms.FileField(
        label="สมุดงานที่แก้แล้ว",
        help_text="ไฟล์ .xlsx ที่ดาวน์โหลดจากหน้านี้ ระบบตรวจทุกเซลล์ก่อนบันทึก",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )


class AnnounceForm(forms.Form):
    on = DateField(label="ประกาศวันที่")
    sure = forms.BooleanField(label="อ่านสิ่งที่จะเปลี่ยนข้างบนแล้ว")


class WithdrawForm(forms.Form):
    reason = forms.CharField(label="เหตุผลที่ถอน", max_length=300)


class PartForm(forms.Form):
    """One part of the rules, with the columns that it has in the workbook; ``brief``: those that are numbers and dates
    alone, or where it has none its names."""

    def __init__(
        self, *args: Any, framework: Framework, key: str, part: Mapping[str, Any], brief: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.part = part
        self.name = str(part.get("id", part.get("instrument")))
        self.columns = list(_columns_of(key))
        if brief:
            numbers = [c for c in self.columns if c[1].kind in ("percent", "integer", "date")]
            self.columns = numbers or [c for c in self.columns if c[1].path[0] == "label"]
        for name, column in self.columns:
            self.fields[name] = _field_of(column, framework)
            self.initial.setdefault(name, _initial_of(column, part))
            if brief:
                self.fields[name].widget.attrs["aria-label"] = f"{self.name} {column.title}"

    def apply(self) -> dict[str, Any]:
        """The part with what was typed."""
        changed: dict[str, Any] = {**self.part}
        for name, column in self.columns:
            holder = changed
            for step in column.path[:-1]:
                holder[step] = {**(holder.get(step) or {})}
                holder = holder[step]
            holder[column.path[-1]] = _value_of(column, self.cleaned_data[name])
        return changed


def _columns_of(key: str) -> Iterator[tuple[str, Column]]:
    """The fields of a part, each with the name of its input; of an item with its advice."""
    sheet = next(sheet for sheet in SHEETS if sheet.key == key)
    for column in sheet.columns:
        if column.path != ("id",):
            yield "-".join(column.path), column
    if key in ("survey_items", "disclosure_items"):
        advice = next(sheet for sheet in SHEETS if sheet.key == "advice")
        for column in advice.columns[1:]:
            path = ("advice", *column.path)
            yield "-".join(path), Column(path=path, title=column.title, kind="text")


def _field_of(column: Column, framework: Framework) -> forms.Field:
    label, required, note = column.title, not column.optional, column.note
    if column.choices and column.kind == "choice":
        choices = [("", "–")] if column.optional else []
        return forms.ChoiceField(
            label=label, required=required, help_text=note, choices=[*choices, *column.choices.items()]
        )
    if column.kind == "reference":
        ids = [(entry.id, entry.id) for entry in getattr(framework.rules, _key_of(column.sheet))]
        return forms.ChoiceField(label=label, required=required, help_text=note, choices=ids)
    if column.kind == "integer":
        return IntegerField(label=label, required=required, help_text=note)
    if column.kind == "percent":
        return DecimalField(
            label=label, required=required, help_text=note, min_value=0, max_value=100, decimal_places=2
        )
    if column.kind == "date":
        return DateField(label=label, required=required)
    is_long = column.path[0] in ("advice", "label", "meaning") and column.path[-1] != "en"
    widget = forms.Textarea(attrs={"rows": 3}) if is_long else forms.TextInput()
    note = note or ("คั่นด้วย ;" if column.kind in ("list", "references") else "")
    return forms.CharField(label=label, required=required, help_text=note, max_length=2000, widget=widget)


def _key_of(sheet_title: str) -> str:
    return next(sheet.key for sheet in SHEETS if sheet.title == sheet_title)


def _initial_of(column: Column, part: Mapping[str, Any]) -> Any:
    value: Any = part
    for step in column.path:
        value = None if value is None else value.get(step)
    if isinstance(value, list):
        return "; ".join(value)
    return value / 100 if column.kind == "percent" and value is not None else value


def _value_of(column: Column, typed: Any) -> Any:
    if column.kind in ("list", "references"):
        return [name.strip() for name in (typed or "").split(";") if name.strip()]
    if typed in (None, ""):
        return None
    if column.kind == "percent":
        return int(typed * 100)
    return typed.isoformat() if column.kind == "date" else typed
