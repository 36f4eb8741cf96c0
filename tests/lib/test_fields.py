"""Fields of forms: what Thai offices type, what stands in a form already, and what is left empty."""

import datetime
from decimal import Decimal

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from prongsai.lib import fields

DAY = datetime.date(2027, 9, 30)


@pytest.mark.parametrize("value", ["๓๐ ก.ย. ๒๕๗๐", "30/9/2570", DAY, datetime.datetime.fromisoformat("2027-09-30")])
def test_a_date_is_read_as_typed_and_as_it_stands_in_the_form(value):
    assert fields.DateField().clean(value) == DAY


def test_a_date_that_is_not_there_is_no_wrong_date():
    assert fields.DateField(required=False).clean("  ") is None
    assert fields.DateField(required=False).clean(None) is None
    with pytest.raises(ValidationError) as caught:
        fields.DateField().clean(" ")
    assert caught.value.code == "required"
    with pytest.raises(ValidationError) as caught:
        fields.DateField().clean("ปลายปี")
    assert caught.value.code == "invalid"


def test_a_date_that_nobody_touched_is_no_change():
    class Form(forms.Form):
        on = fields.DateField()

    assert not Form({"on": "30 ก.ย. 2570"}, initial={"on": DAY}).has_changed()
    assert Form({"on": "29 ก.ย. 2570"}, initial={"on": DAY}).has_changed()


def test_a_date_is_shown_of_the_buddhist_era_and_a_wrong_one_as_typed():
    shown = fields.DateInput({"class": "short"})
    assert shown.format_value(DAY) == "30 ก.ย. 2570"
    assert shown.format_value("๓๑ เมษา") == "๓๑ เมษา"
    assert shown.format_value(None) is None
    assert shown.attrs == {"placeholder": "วัน/เดือน/ปี พ.ศ.", "autocomplete": "off", "class": "short"}


@pytest.mark.parametrize(("value", "number"), [("๑,๒๓๔", 1234), ("๑,2๓4", 1234), ("0", 0), (7, 7)])
def test_a_whole_number_is_read_as_typed_and_as_it_stands_in_the_form(value, number):
    assert fields.IntegerField().clean(value) == number


@pytest.mark.parametrize(
    ("value", "number"),
    [("๘๒.๕", Decimal("82.5")), ("๘2.๕0", Decimal("82.5")), ("100", Decimal(100)), (Decimal("7.25"), Decimal("7.25"))],
)
def test_a_decimal_number_is_read_as_typed_and_as_it_stands_in_the_form(value, number):
    assert fields.DecimalField(min_value=0, max_value=100, decimal_places=2).clean(value) == number


def number_fields(**options):
    return fields.IntegerField(**options), fields.DecimalField(min_value=0, max_value=9, decimal_places=1, **options)


def test_a_number_that_is_not_there_is_no_wrong_number():
    for field in number_fields(required=False):
        assert field.clean(" ") is None
        assert field.clean(None) is None
    for field in number_fields():
        with pytest.raises(ValidationError) as caught:
            field.clean(" ")
        assert caught.value.code == "required"


@pytest.mark.parametrize(("least", "most", "wrong"), [(2500, 2600, "2499"), (2500, 2600, "2601"), (0, 5, "6")])
def test_a_whole_number_outside_its_limits_is_quoted(least, most, wrong):
    field = fields.IntegerField(min_value=least, max_value=most)
    assert (field.clean(str(least)), field.clean(str(most))) == (least, most)
    with pytest.raises(ValidationError, match=f"“{wrong}”"):
        field.clean(wrong)


@pytest.mark.parametrize("wrong", ["9.1", "-1", "1.55", "x"])
def test_a_decimal_number_outside_its_limits_is_quoted(wrong):
    field = fields.DecimalField(min_value=0, max_value=9, decimal_places=1)
    assert (field.clean("0"), field.clean("9")) == (0, 9)
    with pytest.raises(ValidationError, match=f"“{wrong}”"):
        field.clean(wrong)


def test_a_code_is_kept_in_arabic_digits():
    assert fields.CodeField().clean(" ๑๒AB๓ ") == "12AB3"
    assert fields.CodeField(required=False).clean(None) == ""


def test_a_web_address_needs_no_scheme_and_keeps_one_that_it_has():
    field = fields.WebAddressField()
    assert field.clean("www.example.go.th/ก") == "https://www.example.go.th/ก"
    assert field.clean("http://example.go.th") == "http://example.go.th"
    assert field.widget.attrs["inputmode"] == "url"
    with pytest.raises(ValidationError):
        field.clean("ไม่มี")


def test_several_files_are_cleaned_one_by_one():
    one, other = (SimpleUploadedFile(f"{name}.txt", b"x") for name in "ab")
    field = fields.FilesField()
    assert field.clean([one, other]) == [one, other]
    with pytest.raises(ValidationError) as caught:
        field.clean([])
    assert caught.value.code == "required"
    with pytest.raises(ValidationError) as caught:
        field.clean([one, SimpleUploadedFile("empty.txt", b"")])
    assert caught.value.code == "empty"
    assert fields.FilesField(required=False).clean(None) == []
    assert field.has_changed(None, [one])
    assert not field.has_changed(None, [])
    assert fields.FilesInput().allow_multiple_selected
