"""Forms of the pages on agencies and rounds."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms

from prongsai.lib.fields import CodeField, DateField, WebAddressField
from prongsai.people.models import User
from prongsai.registry.models import Agency, Order, Phase
from prongsai.registry.provinces import REGION_OF
from prongsai.registry.queries import assessors_of, find_extension_problem, users_of_agencies
from prongsai.rulebooks.queries import frameworks


class OfAssessment(forms.Form):
    """A form whose choices belong to one assessment."""

    def __init__(self, *args: Any, assessment: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.assessment = assessment


class NewAssessmentForm(forms.Form):
    """Creates an assessment and invites the first user of its office."""

    slug = forms.RegexField(
        r"^[a-z][a-z0-9-]{1,19}$",
        label="ชื่อย่อในที่อยู่เว็บ",
        help_text="อักษรละตินตัวเล็ก ตัวเลข ขีดกลาง เช่น hospital จะใช้ในที่อยู่ /a/hospital/ และเปลี่ยนภายหลังไม่ได้",
    )
    name_th = forms.CharField(label="ชื่อการประเมิน", max_length=200)
    name_en = forms.CharField(label="ชื่ออังกฤษ", max_length=200, required=False)
    owner = forms.CharField(label="ผู้จัดการประเมิน", max_length=200, required=False)
    email = forms.EmailField(label="อีเมลผู้ใช้ส่วนกลางคนแรก", help_text="ระบบส่งคำเชิญไปที่นี่")
    name = forms.CharField(label="ชื่อผู้ใช้ส่วนกลางคนแรก", max_length=120)


class OrderForm(forms.Form):
    """By what something that is sealed is opened again."""

    ground = forms.ChoiceField(label="อาศัย", choices=Order.Ground.choices)
    number = forms.CharField(label="เลขที่คำวินิจฉัยหรือคำสั่ง", max_length=80)
    dated = DateField(label="ลงวันที่")
    reason = forms.CharField(
        label="เหตุผล", max_length=600, help_text="หน่วยงานอ่านได้ ไม่ใส่ชื่อบุคคล", widget=forms.Textarea(attrs={"rows": 3})
    )


class SurveyOrderForm(OrderForm):
    """By what, and until which day, the survey of an agency is opened again."""

    closes_on = DateField(label="รับคำตอบถึงวันที่")


class AgencyForm(forms.ModelForm):  # type: ignore[type-arg]  # takes arguments in the stubs alone
    parent_code = CodeField(label="สังกัด", required=False, max_length=40)
    website = WebAddressField(label="เว็บไซต์", required=False)
    on = DateField(label="ข้อมูลใหม่ใช้ตั้งแต่วันที่", help_text="ข้อมูลเดิมก่อนวันนี้จะเก็บไว้เป็นประวัติ")

    class Meta:
        model = Agency
        fields = Agency.DETAIL_FIELDS

    def clean_province(self) -> str:
        province: str = self.cleaned_data["province"]
        if province and province not in REGION_OF and not self.instance.fictional:
            raise forms.ValidationError(f"ไม่มีจังหวัดชื่อ “{province}”")
        return province

    def clean_parent_code(self) -> str:
        code: str = self.cleaned_data["parent_code"].strip()
        if code and not Agency.objects.filter(assessment=self.instance.assessment, code=code).exists():
            raise forms.ValidationError(f"ไม่มีหน่วยงานรหัส {code}")
        return code


class CloseAgencyForm(forms.Form):
    on = DateField(label="ยุบเลิกวันที่")
    merged_into = CodeField(label="รหัสหน่วยงานที่รับช่วง", required=False, max_length=40, help_text="เว้นว่างหากไม่มี")

    def clean_merged_into(self) -> Agency | None:
        code = self.cleaned_data["merged_into"].strip()
        if not code:
            return None
        agency = Agency.objects.filter(code=code).first()
        if agency is None:
            raise forms.ValidationError(f"ไม่มีหน่วยงานรหัส {code}")
        return agency


class AppointmentForm(OfAssessment):
    user = forms.ModelChoiceField(queryset=User.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.fields["user"]
        assert isinstance(user, forms.ModelChoiceField)
        user.queryset = users_of_agencies(self.assessment)


def _clean_agency_code(form: OfAssessment) -> Agency:
    code = form.cleaned_data["agency"].strip()
    agency = Agency.objects.filter(assessment=form.assessment, code=code).first()
    if agency is None:
        raise forms.ValidationError(f"ไม่มีหน่วยงานรหัส {code}")
    return agency


class RoundForm(OfAssessment):
    fiscal_year = forms.TypedChoiceField(label="ปีงบประมาณ", coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = self.fields["fiscal_year"]
        assert isinstance(years, forms.ChoiceField)
        years.choices = [
            (year, f"{year} (หลักเกณฑ์ฉบับชั่วคราว)" if framework.is_provisional else year)
            for year, framework in frameworks(self.assessment).items()
        ]


class PhaseForm(forms.ModelForm):  # type: ignore[type-arg]  # as above
    class Meta:
        model = Phase
        fields = ("starts", "ends")
        field_classes: ClassVar = {"starts": DateField, "ends": DateField}


class ExtensionForm(forms.Form):
    """Until when one agency has a phase, and why."""

    phase = forms.ChoiceField(label="ช่วงงาน")
    ends = DateField(label="ขยายถึงวันที่")
    reason = forms.CharField(
        label="เหตุที่ขยายเวลา",
        max_length=200,
        help_text="เช่น น้ำท่วม ระบบของหน่วยงานขัดข้อง",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, phases: Sequence[Phase], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.phases = {phase.key: phase for phase in phases}
        chosen = self.fields["phase"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = [(phase.key, phase.label_th) for phase in phases]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        phase, ends = self.phases.get(values.get("phase", "")), values.get("ends")
        if phase and ends and (problem := find_extension_problem(phase, ends)):
            self.add_error("ends", problem)
        return values


class InterestForm(OfAssessment):
    agency = CodeField(label="รหัสหน่วยงานที่มีส่วนได้เสีย", max_length=40)
    reason = forms.CharField(label="เหตุ", max_length=200, help_text="เช่น ญาติทำงานอยู่ เคยรับจ้าง เคยทำงานที่นั่น")

    clean_agency = _clean_agency_code


class AssignmentForm(OfAssessment):
    agency = CodeField(label="รหัสหน่วยงาน", max_length=40)
    assessor = forms.ModelChoiceField(label="ผู้ประเมิน", queryset=User.objects.none(), empty_label="เลือกผู้ประเมิน")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assessor = self.fields["assessor"]
        assert isinstance(assessor, forms.ModelChoiceField)
        assessor.queryset = assessors_of(self.assessment)

    clean_agency = _clean_agency_code
