"""What is typed into forms: dates of the Buddhist era, numbers in digits of either script, on every form there is."""

import datetime
import importlib
import pkgutil
import re
from pathlib import Path

import pytest
from django import forms
from django.template.loader import get_template
from django.urls import get_resolver, reverse

import prongsai
from prongsai.lib import fields
from tests.conftest import sample_year
from tests.improvement.sheets import fields as sheet_fields
from tests.improvement.sheets import sheet
from tests.pages import markup, plan_fields

PACKAGE = Path(prongsai.__file__).parent


def all_forms():
    """Every class of a form of the house, and those that it makes of others."""
    for module in pkgutil.walk_packages([str(PACKAGE)], "prongsai."):
        if re.search(r"\.(forms|views|rules_forms|sign_in_forms)(\.|$)", module.name):
            importlib.import_module(module.name)
    assert get_resolver().url_patterns
    found, waiting = {}, [forms.BaseForm]
    while waiting:
        for made in waiting.pop().__subclasses__():
            waiting.append(made)
            if made.__module__.startswith("prongsai."):
                found[f"{made.__module__}.{made.__name__}"] = made
    return found


def all_fields():
    from prongsai.rulebooks.queries import find_framework
    from prongsai.web.rules_forms import PartForm
    from prongsai.web.views.rules import _EDITED_HERE
    from prongsai.web.views.rules import rules as rulebook

    as_data = rulebook.as_data

    for name, form in all_forms().items():
        for field_name, field in getattr(form, "base_fields", {}).items():
            yield f"{name}.{field_name}", field
    framework = find_framework("ita", sample_year())
    data = as_data(framework.rules)
    for key in (*_EDITED_HERE, "survey_items", "disclosure_items"):  # forms that are drawn from the rules
        for field_name, field in PartForm(framework=framework, key=key, part=data[key][0]).fields.items():
            yield f"PartForm({key}).{field_name}", field


def test_every_form_takes_what_offices_type(db):
    walked = dict(all_fields())
    kinds = {type(field) for field in walked.values()}
    assert {fields.DateField, fields.IntegerField, fields.DecimalField, fields.WebAddressField} <= kinds
    for name, field in walked.items():
        if isinstance(field, forms.DateField | forms.DateTimeField):
            assert isinstance(field, fields.DateField), name
            assert field.clean("๓๐ ก.ย. ๒๕๖๙") == datetime.date(2026, 9, 30), name
        elif isinstance(field, forms.IntegerField):  # decimal and floating ones too
            assert isinstance(field, fields.IntegerField | fields.DecimalField), name
            digits = "๒๕๖๘" if field.least else "๑๒"
            assert field.clean(digits) == (2568 if field.least else 12), name
            for wrong in ("abc", "1,20", "-5"):
                with pytest.raises(forms.ValidationError, match=f"“{wrong}”.*พิมพ์"):
                    field.clean(wrong)
        elif isinstance(field, forms.URLField):
            assert field.clean("www.example.go.th/a") == "https://www.example.go.th/a", name
        assert getattr(field.widget, "input_type", "") not in ("date", "datetime-local", "month", "number"), name


def test_no_template_has_a_field_of_the_browser_that_shows_the_common_era():
    for path in PACKAGE.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"""type=["']?(date|datetime-local|month|week|number)\b""", text), path


@pytest.mark.parametrize("typed", ["30 ก.ย. 2570", "๓๐/๙/๒๕๗๐", "2027-09-30"])
def test_a_date_is_shown_again_as_an_office_writes_it(typed):
    class Form(forms.Form):
        on = fields.DateField()

    form = Form({"on": typed})
    assert form.is_valid()
    assert 'value="30 ก.ย. 2570"' in str(Form(initial={"on": form.cleaned_data["on"]})["on"])


def test_a_date_that_is_refused_stays_as_typed_and_the_error_says_how():
    class Form(forms.Form):
        on = fields.DateField()

    form = Form({"on": "๓๑ เมษา"})
    assert not form.is_valid()
    assert "๓๑ เมษา" in str(form["on"])
    assert "พิมพ์วัน เดือน และปี พ.ศ." in str(form.errors)
    assert "ในปฏิทิน" in str(Form({"on": "31 เม.ย. 2570"}).errors)


def test_the_calendar_of_a_round_takes_and_shows_the_buddhist_era(client, people, running_round):
    phases = list(running_round.phases.all())
    posted = {"form-TOTAL_FORMS": len(phases), "form-INITIAL_FORMS": len(phases)}
    for number, phase in enumerate(phases):
        posted |= {f"form-{number}-id": phase.pk, f"form-{number}-starts": "", f"form-{number}-ends": ""}
    posted |= {"form-0-starts": "๑ ม.ค. ๒๕๖๘", "form-0-ends": "31/3/2568"}
    client.force_login(people["office"])
    assert client.post(f"/desk/rounds/{running_round.fiscal_year}/phases/", posted).status_code == 302
    phases[0].refresh_from_db()
    assert (phases[0].starts, phases[0].ends) == (datetime.date(2025, 1, 1), datetime.date(2025, 3, 31))
    page = client.get(f"/desk/rounds/{running_round.fiscal_year}/").content.decode()
    assert 'value="31 มี.ค. 2568"' in page
    refused = client.post(f"/desk/rounds/{running_round.fiscal_year}/phases/", posted | {"form-1-starts": "32/1/2568"})
    assert 'value="32/1/2568"' in refused.content.decode()
    assert 'value="๑ ม.ค. ๒๕๖๘"' in refused.content.decode()


def test_hints_and_errors_of_passwords_are_thai(client, people):
    from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
    from django.core.exceptions import ValidationError
    from django.utils import translation

    with translation.override("th"):
        texts = list(map(str, password_validators_help_texts()))
        for password in ("สั้น", "123456789012345", "password1234567890", "officer@example"):
            try:
                validate_password(password, people["officer"])
            except ValidationError as error:
                texts += error.messages
    assert len(texts) > len(password_validators_help_texts())
    assert not [text for text in texts if not re.search("[ก-๙]", text)]
    with translation.override("en"):
        assert all(text.isascii() or "’" in text for text in map(str, password_validators_help_texts()))


def test_a_code_of_the_second_step_may_be_typed_in_thai_digits(people, monkeypatch, rf):
    from allauth.core import context
    from allauth.mfa.base import forms as library

    from prongsai.people.sign_in_forms import AuthenticateCodeForm

    typed = []
    monkeypatch.setattr(
        library.BaseAuthenticateForm, "clean_code", lambda form: typed.append(form.cleaned_data["code"]) or typed[-1]
    )
    with context.request_context(rf.post("/")):
        AuthenticateCodeForm({"code": "๑๒๓ ๔๕๖"}, user=people["officer"]).is_valid()
    assert typed == ["123456"]


def test_templates_of_the_house_are_those_that_are_searched():
    assert Path(get_template("web/base.html").origin.name).is_relative_to(PACKAGE)


# --- numbers on every form

# the template of each field that asks for a number, and who sends a text in it: see NUMBER_FIELDS
NUMBER_TEMPLATES = {
    "survey/populations.html",
    "survey/channels.html",
    "results/figure_row.html",
    "improvement/measure_form.html",
    "improvement/register_cell.html",
    "disclosure/nation.html",
    "components/allocation_draw.html",
    "components/typed.html",  # the year before what binds: tests/results/test_two_people.py
}


def _send_population(client, people, agencies, text):
    client.force_login(people["officer"])
    return client.post(reverse("set_population", args=["A1", sample_year()]), {"people:IIT": text})


def _send_cards(client, people, agencies, text):
    from prongsai.registry.models import Round
    from prongsai.survey.actions import open_channel
    from tests.survey.conftest import with_roll

    channel = open_channel(
        assessment_round=Round.objects.get(), agency=agencies[0], instrument="EIT1", kind="codes", by=people["officer"]
    )
    with_roll(channel, 2_000, people["office"])
    client.force_login(people["officer"])
    return client.post(reverse("print_cards", args=["A1", channel.pk]), {"number": text}, follow=True)


def _send_percent(client, people, agencies, text):
    client.force_login(people["office"])
    return client.post(reverse("oit_sample", args=[sample_year()]), {"percent": text}, follow=True)


def _send_weight(client, people, agencies, text):
    client.force_login(people["office"])
    sent = {"slack": "10", "last_year": "either", "weight-sao": text}
    return client.post(reverse("draw_allocation", args=[sample_year()]), sent, follow=True)


def _send_budget(client, people, agencies, text):
    from prongsai.improvement import actions, queries
    from tests.improvement.plans import result

    result(agencies[0], sample_year(), items={"O1": 0})
    plan = actions.start_plan(agency=agencies[0], result_year=sample_year(), by=people["officer"])
    client.force_login(people["officer"])
    address = reverse("plan_edit", args=["A1", plan.fiscal_year])
    sent = plan_fields(client.get(address).content.decode())
    return client.post(address, sent | {f"m{queries.measures_of(plan)[0].pk}-budget": text})


def _send_record(kind, key):
    def send(client, people, agencies, text):
        from prongsai.improvement.registers import queries

        made = sheet(agencies[0], people, kind=kind)
        client.force_login(people["officer"])
        stage = made.definition.column[key].stage
        address = f"{reverse('register_edit', args=['A1', made.fiscal_year, kind])}?stage={stage}"
        sent = sheet_fields(client.get(address))
        return client.post(address, sent | {f"r{queries.records_of(made)[0].pk}-{key}": text})

    return send


def _send_score(client, people, agencies, text):
    client.force_login(people["officer"])
    begun = client.post("/desk/agency/A1/type/", {"fiscal_year": sample_year(), "source": "หนังสือแจ้งผล"})
    return client.post(begun["Location"], {"v:4": text, "year": sample_year(), "confirm": "1"})


NUMBER_FIELDS = {
    "population": _send_population,
    "cards": _send_cards,
    "percent": _send_percent,
    "weight": _send_weight,
    "budget": _send_budget,
    "money of a register": _send_record("action_plan", "budget"),
    "number of a register": _send_record("no_gift", "participants"),
    "score": _send_score,
}


@pytest.mark.parametrize("text", ["abc", "๓๐๐ กว่าคน", "1,20", "-5"])
@pytest.mark.parametrize("send", NUMBER_FIELDS.values(), ids=NUMBER_FIELDS)
def test_a_wrong_number_is_quoted_with_what_is_expected(client, people, agencies, running_round, send, text):
    page = markup(send(client, people, agencies, text))
    problem = re.search(rf"“{text}” [^<]*", page)
    assert problem, page
    assert re.search("พิมพ์|ระหว่าง", problem[0])


def test_each_field_that_asks_for_a_number_is_tried():
    asking = {
        f"{path.parent.name}/{path.name}"
        for path in PACKAGE.rglob("*.html")
        if re.search(r'inputmode="(numeric|decimal)"', path.read_text(encoding="utf-8"))
    }
    assert asking == NUMBER_TEMPLATES


@pytest.mark.parametrize("text", ["๓๐๐ คน", "300", "300 คน"])
def test_a_number_with_the_word_for_what_is_counted_is_taken(client, people, agencies, running_round, text):
    from prongsai.survey.models import Population

    assert _send_population(client, people, agencies, text).status_code == 302
    assert Population.objects.get().size == 300
