"""Fields of forms that take what Thai offices type: dates of the Buddhist era, numbers in digits of either script, web
addresses without a scheme. Every form uses them in place of Django's own."""

import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from prongsai.lib import fiscal, numbers, thai


class DateInput(forms.TextInput):
    """A date as text, of the Buddhist era: a browser's own date field shows the Common Era."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"placeholder": "วัน/เดือน/ปี พ.ศ.", "autocomplete": "off", **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        return fiscal.short_date(value) if isinstance(value, datetime.date) else value


class DateField(forms.DateField):
    """A date of the Buddhist era: see ``fiscal.parse_date`` for what is understood."""

    widget = DateInput

    def to_python(self, value: Any) -> datetime.date | None:
        if not isinstance(value, str):
            return super().to_python(value)
        if not value.strip():
            return None
        try:
            return fiscal.parse_date(value)
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from error


def _number_input(mode: str) -> forms.TextInput:
    """A text field with the keyboard of numbers: a browser's own number field refuses Thai digits and commas."""
    return forms.TextInput({"inputmode": mode, "autocomplete": "off"})


class IntegerField(forms.IntegerField):
    """A whole number between two, as ``numbers`` reads it."""

    def __init__(self, *, min_value: int = 0, max_value: int = numbers.MOST, **kwargs: Any) -> None:
        self.least, self.most = min_value, max_value
        super().__init__(**{"widget": _number_input("numeric"), **kwargs})

    def to_python(self, value: Any) -> int | None:
        if not isinstance(value, str):
            return super().to_python(value)
        if not value.strip():
            return None
        example = str(self.least or numbers.EXAMPLE)
        try:
            return numbers.read_whole_number(value, least=self.least, most=self.most, example=example)
        except numbers.NumberError as error:
            raise ValidationError(str(error), code="invalid") from error


class DecimalField(forms.DecimalField):
    """A decimal number between two, both included, as ``numbers`` reads it."""

    def __init__(self, *, min_value: int, max_value: int, decimal_places: int, **kwargs: Any) -> None:
        self.least, self.most, self.places = Decimal(min_value), Decimal(max_value), decimal_places
        super().__init__(**{"widget": _number_input("decimal"), **kwargs})

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str):
            return super().to_python(value)
        if not value.strip():
            return None
        try:
            return numbers.read_decimal(value, least=self.least, most=self.most, places=self.places)
        except numbers.NumberError as error:
            raise ValidationError(str(error), code="invalid") from error


class CodeField(forms.CharField):
    """A code of digits and Latin letters, in digits of either script."""

    def to_python(self, value: Any) -> str:
        return thai.arabic(str(super().to_python(value)))


class WebAddressField(forms.URLField):
    """A web address; ``https://`` is added to one typed without a scheme."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"assume_scheme": "https", "widget": forms.TextInput({"inputmode": "url"}), **kwargs})


class FilesInput(forms.ClearableFileInput):
    """Chooses several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several uploaded files; a required one has at least one."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        if not data and self.required:
            super().clean(None, initial)
        return [super(FilesField, self).clean(d, initial) for d in data or []]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data) and super().has_changed(initial, data)
