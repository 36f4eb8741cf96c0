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
    """A whole number from 0, or from ``min_value``, as ``numbers`` reads it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"widget": _number_input("numeric"), **kwargs})

    def to_python(self, value: Any) -> int | None:
        if not isinstance(value, str) or not value.strip():
            return super().to_python(value)
        try:
            return numbers.read_whole_number(value, **_limits(least=self.min_value, most=self.max_value))
        except numbers.NumberError as error:
            raise ValidationError(str(error), code="invalid") from error


class DecimalField(forms.DecimalField):
    """A decimal number between ``min_value`` and ``max_value``, as ``numbers`` reads it."""

    def __init__(self, *, min_value: Any, max_value: Any, decimal_places: int, **kwargs: Any) -> None:
        limits = {"min_value": min_value, "max_value": max_value, "decimal_places": decimal_places}
        super().__init__(**{"widget": _number_input("decimal"), **limits, **kwargs})

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str) or not value.strip():
            return super().to_python(value)
        limits = {"least": Decimal(self.min_value), "most": Decimal(self.max_value), "places": self.decimal_places}
        try:
            return numbers.read_decimal(value, **limits)
        except numbers.NumberError as error:
            raise ValidationError(str(error), code="invalid") from error


def _limits(**limits: int | None) -> dict[str, int]:
    """Those that are set; and an example that is within them."""
    known = {name: limit for name, limit in limits.items() if limit is not None}
    return {**known, "example": known["least"]} if "least" in known else known


class CodeField(forms.CharField):
    """A code of digits and Latin letters, in digits of either script."""

    def to_python(self, value: Any) -> str:
        return thai.arabic(str(super().to_python(value)))


class WebAddressField(forms.URLField):
    """A web address; ``https://`` is added to one typed without a scheme."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"assume_scheme": "https", "widget": forms.TextInput({"inputmode": "url"}), **kwargs})
