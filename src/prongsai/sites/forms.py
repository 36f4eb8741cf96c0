"""Forms of channels. Those of senders are in the reader's language."""

from typing import Any

from django import forms

from prongsai.lib import digest, uploads
from prongsai.lib.fields import DateField, IntegerField
from prongsai.sites import consultations, retention, satisfaction
from prongsai.sites.actions import MAX_QUESTION, MAX_TEXT
from prongsai.sites.held_files import ACCEPTED
from prongsai.sites.models import ChannelSettings, Complaint, Question
from prongsai.sites.opinions import Consultation, Service
from prongsai.sites.wording import is_english, say, tidy

_KINDS_EN = {"corruption": "Corruption and misconduct", "general": "A general complaint"}
_ABOUT_EN = {
    "other": "Somebody or something else",
    "handler": "The officers who receive complaints: it goes to the executive",
    "executive": "The head of the agency: it goes to the national office",
}
_ABOUT_TH = {
    "other": "บุคคลหรือเรื่องอื่น",
    "handler": "เจ้าหน้าที่ผู้รับเรื่องร้องเรียน: ส่งตรงถึงผู้บริหาร",
    "executive": "ผู้บริหารของหน่วยงาน: ส่งตรงถึงส่วนกลาง",
}
MAX_NAME, MAX_CONTACT, MAX_DAYS = 120, 200, 365


def name_kind(kind: str) -> str:
    """A kind of complaint in the language of the page."""
    return say(Complaint.Kind(kind).label, _KINDS_EN[kind])


def _choices(thai: dict[str, str], english: dict[str, str]) -> list[tuple[str, str]]:
    return list((english if is_english() else thai).items())


class ComplaintForm(forms.Form):
    """A complaint as its sender writes it; files are read apart."""

    kind = forms.ChoiceField(widget=forms.RadioSelect)
    about = forms.ChoiceField(widget=forms.RadioSelect, initial="other")
    text = forms.CharField(max_length=MAX_TEXT, widget=forms.Textarea({"rows": 8, "autocomplete": "off"}))
    name = forms.CharField(max_length=MAX_NAME, required=False, widget=forms.TextInput({"autocomplete": "off"}))
    contact = forms.CharField(max_length=MAX_CONTACT, required=False, widget=forms.TextInput({"autocomplete": "off"}))
    understood = forms.BooleanField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self._set("kind", say("เรื่องนี้เป็นเรื่องประเภทใด", "What kind of complaint is it?"))
        self.fields["kind"].choices = _choices(dict(Complaint.Kind.choices), _KINDS_EN)  # type: ignore[attr-defined]
        self._set("about", say("เรื่องนี้เกี่ยวกับใคร", "Whom is it about?"))
        self.fields["about"].choices = _choices(_ABOUT_TH, _ABOUT_EN)  # type: ignore[attr-defined]
        self._set(
            "text",
            say("เรื่องที่ร้องเรียน", "Your complaint"),
            say(
                "ใคร ทำอะไร ที่ไหน เมื่อใด รู้ได้อย่างไร สิ่งที่มีเพียงท่านคนเดียวรู้อาจบอกได้ว่าท่านคือใคร",
                "Who did what, where, when, and how you know. What you alone can know may tell who you are.",
            ),
        )
        self._set("name", say("ชื่อ (ไม่ใส่ก็ได้)", "Name (optional)"), say("ผู้รับเรื่องจะเห็นตามที่เขียน", "Shown as written."))
        self._set("contact", say("ช่องทางติดต่อกลับ (ไม่ใส่ก็ได้)", "How to reach you (optional)"))
        self._set(
            "understood",
            say(
                "ข้าพเจ้าเข้าใจว่ารหัสลับจะแสดงครั้งเดียว หากทำหายไม่มีใครกู้คืนให้ได้",
                "I understand that the secret is shown once, and that nobody can recover it if I lose it.",
            ),
        )

    def _set(self, name: str, label: str, help_text: str = "") -> None:
        self.fields[name].label, self.fields[name].help_text = label, help_text

    def join_text(self) -> str:
        """All that is written, as one text."""
        written = self.cleaned_data
        parts = [written["text"]]
        if written["name"]:
            parts.append(f"ชื่อผู้ร้อง: {written['name']}")
        if written["contact"]:
            parts.append(f"ติดต่อกลับ: {written['contact']}")
        return "\n\n".join(parts)


class QuestionForm(forms.Form):
    """A question as a visitor asks it."""

    text = forms.CharField(max_length=MAX_QUESTION, widget=forms.Textarea({"rows": 5}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["text"].label = say("คำถามของท่าน", "Your question")
        self.fields["text"].help_text = say(
            "คำถามและคำตอบจะเผยแพร่ให้ทุกคนอ่าน อย่าใส่ชื่อ เบอร์โทร หรือเลขบัตรของใคร",
            "The question and its answer will be public. Leave out names, telephone and identity numbers.",
        )


class StoredForm(forms.ModelForm):  # type: ignore[type-arg]  # takes arguments in the stubs alone
    """A form on what is stored: its texts without marks of direction, and refused once where somebody else has stored
    something since it was opened. Its page has ``seen`` in a hidden field."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = [[field.name, str(field.value_from_object(self.instance))] for field in self._meta.model._meta.fields]
        self.seen = digest.of_json([pair for pair in stored if pair[0] in self.fields])

    def clean(self) -> dict[str, Any] | None:
        cleaned = {k: tidy(v) if isinstance(v, str) else v for k, v in (super().clean() or self.cleaned_data).items()}
        if self.data.get("seen", self.seen) != self.seen:
            self.add_error(None, "มีผู้แก้และบันทึกไปแล้วขณะที่ท่านพิมพ์ เปิดอีกแท็บดูก่อน แล้วกดบันทึกอีกครั้งหากต้องการใช้ตามหน้านี้แทน")
        return cleaned


class SettingsForm(StoredForm):
    """What an agency offers."""

    question_days = IntegerField(label="ตอบคำถามภายในกี่วัน", max_value=MAX_DAYS)
    acknowledge_days = IntegerField(label="รับเรื่องร้องเรียนภายในกี่วัน", max_value=MAX_DAYS)
    answer_days = IntegerField(label="แจ้งผลเรื่องร้องเรียนภายในกี่วัน", max_value=MAX_DAYS)
    retention_days = IntegerField(
        label="ทำลายคำถาม เรื่องร้องเรียน และคำตอบ หลังจบเรื่องแล้วกี่วัน",
        initial=365,
        min_value=retention.LEAST_DAYS,
        max_value=retention.MOST_DAYS,
        help_text=(
            "ผู้เขียนเห็นจำนวนนี้ก่อนส่ง ครบแล้วระบบทำลายเอง กู้คืนไม่ได้ สถิติที่เผยแพร่แล้วคงอยู่ เดือนที่ยังไม่เผยแพร่จะเผยแพร่ไม่ได้อีก "
            "ค่าเริ่มต้น 365 วันอนุมานจากอายุการเก็บอย่างน้อย 1 ปีของเรื่องที่เกิดขึ้นเป็นประจำ ตามระเบียบงานสารบรรณ ข้อ 57 "
            "เรื่องสำคัญให้ลงทะเบียนหนังสือของหน่วยงานซึ่งเก็บนานกว่า"
        ),
    )

    class Meta:
        model = ChannelSettings
        fields = (
            "questions_open",
            "question_days",
            "complaints_open",
            "acknowledge_days",
            "answer_days",
            "retention_days",
            "procedure",
            "contact",
        )
        widgets = {"procedure": forms.Textarea({"rows": 6})}  # noqa: RUF012
        help_texts = {  # noqa: RUF012
            "procedure": "ขั้นตอนหลังรับเรื่อง ผู้รับผิดชอบแต่ละขั้น แสดงให้ประชาชนอ่านก่อนร้องเรียน",
            "contact": "เช่น โทรศัพท์ ที่อยู่ไปรษณีย์ สำหรับผู้ไม่สะดวกใช้หน้านี้",
        }

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        for name in ("question_days", "acknowledge_days", "answer_days"):
            if cleaned.get(name) == 0:
                self.add_error(name, "ต้องอย่างน้อย 1 วัน")
        first, last = cleaned.get("acknowledge_days"), cleaned.get("answer_days")
        if first and last and first > last:
            self.add_error("answer_days", "ต้องไม่น้อยกว่าจำนวนวันที่รับเรื่อง")
        return cleaned


class AnswerForm(forms.Form):
    """The answer of a question, or the reason for not publishing it."""

    answer = forms.CharField(label="คำตอบ", required=False, max_length=MAX_TEXT, widget=forms.Textarea({"rows": 6}))
    reason = forms.CharField(
        label="เหตุที่ไม่เผยแพร่", required=False, max_length=300, widget=forms.TextInput({"list": "reasons"})
    )

    def __init__(self, *args: Any, question: Question, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"answer": question.answer, "reason": question.reason}, **kwargs})
        self.fields["reason"].help_text = "ผู้ถามอ่านได้ เช่น มีข้อมูลส่วนบุคคลของผู้อื่น หรือเป็นเรื่องร้องเรียน ให้ใช้ช่องทางร้องเรียน"


class PartForm(forms.Form):
    """A file or a table beside an element of a page."""

    element = forms.ChoiceField(label="อยู่ในองค์ประกอบ")
    title = forms.CharField(label="ชื่อที่แสดงให้ประชาชนเห็น", required=False, max_length=200)
    file = forms.FileField(label="ไฟล์", widget=forms.FileInput({"accept": ",".join(f".{s}" for s in ACCEPTED)}))

    def __init__(self, *args: Any, elements: dict[str, str], has_file: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].required = not has_file  # one that was chosen before waits
        self.fields["element"].choices = list(elements.items())  # type: ignore[attr-defined]
        self.fields["title"].help_text = "เช่น แผนปฏิบัติการ เว้นว่างไว้ใช้ชื่อไฟล์"
        self.fields["file"].help_text = f"ไฟล์แนบ: PDF ภาพ XLSX DOCX ตาราง: XLSX CSV ไม่เกิน {uploads.MAX_MEGABYTES} MB"


# --- services at the counter


class ServiceForm(StoredForm):
    """A service whose visitors are asked."""

    class Meta:
        model = Service
        fields = ("name", "name_en", "is_open")
        help_texts = {  # noqa: RUF012
            "name": "ตามที่ประชาชนเรียก เช่น งานทะเบียนราษฎร ช่อง 2 ชื่อนี้อยู่บนป้ายและในผลที่เผยแพร่",
            "name_en": "แสดงในหน้าภาษาอังกฤษและบนป้าย ไม่ใส่ก็ได้",
            "is_open": "ปิดแล้ว คิวอาร์โค้ดของจุดนี้จะบอกว่าปิดรับ เปิดใหม่ได้ด้วยคิวอาร์โค้ดเดิม",
        }


class RatingForm(forms.Form):
    """What a visitor of a service answers: steps of 1 to 5, and a comment."""

    comment = forms.CharField(
        required=False, max_length=satisfaction.MAX_COMMENT, widget=forms.Textarea({"rows": 2, "autocomplete": "off"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        for question in satisfaction.QUESTIONS:
            self.fields[question] = forms.TypedChoiceField(
                label=satisfaction.name_question(question),
                choices=[(str(step), step) for step in range(1, satisfaction.STEPS + 1)],
                coerce=int,
                widget=forms.RadioSelect,
                error_messages={"required": say("ยังไม่ได้เลือก", "Not chosen yet")},
            )
        self.fields["comment"].label = say("อยากบอกอะไรเพิ่ม (ไม่เขียนก็ได้)", "Anything to add (optional)")
        self.fields["comment"].help_text = say(
            "หน่วยงานอ่านหลังสิ้นเดือน ไม่เผยแพร่", "Read by the agency after this month, not published"
        )

    @property
    def questions(self) -> list[forms.BoundField]:
        return [self[question] for question in satisfaction.QUESTIONS]

    def read_steps(self) -> dict[str, int]:
        return {question: self.cleaned_data[question] for question in satisfaction.QUESTIONS}


# --- consultations


class ConsultationForm(StoredForm):
    """A consultation as an agency writes it; of one that was opened, the closing day alone."""

    closes_on = DateField(label="รับความคิดเห็นถึงวันที่", help_text="รับถึงสิ้นวันนี้ ผลแสดงหลังจากนั้นเท่านั้น")
    choices = forms.CharField(
        label="ตัวเลือก (บรรทัดละหนึ่งข้อ ไม่ใส่ก็ได้)",
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text=f"ไม่เกิน {consultations.MAX_CHOICES} ข้อ ผู้ตอบเลือกได้ข้อเดียว และเขียนเพิ่มได้",
    )

    class Meta:
        model = Consultation
        fields = ("title", "text", "purpose", "choices", "closes_on")
        help_texts = {  # noqa: RUF012
            "text": "เล่าให้คนที่ไม่รู้เรื่องมาก่อนเข้าใจ: ทำอะไร ที่ไหน ใครได้รับผล มีทางเลือกอะไร",
            "purpose": "ใครจะนำไปพิจารณา เมื่อใด และจะแจ้งผลที่หน้านี้เมื่อใด",
        }
        widgets = {  # noqa: RUF012
            "text": forms.Textarea({"rows": 6, "maxlength": consultations.MAX_REPORT}),
            "purpose": forms.Textarea({"rows": 3, "maxlength": consultations.MAX_REPORT}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["choices"] = "\n".join(self.instance.choices)
        if self.instance.opened_on is not None:
            self.fields = {"closes_on": self.fields["closes_on"]}

    def clean_choices(self) -> list[str]:
        lines = [line for typed in self.cleaned_data["choices"].splitlines() if (line := tidy(typed))]
        if len(lines) > consultations.MAX_CHOICES or len(lines) == 1:
            raise forms.ValidationError(f"ใส่ 2 ถึง {consultations.MAX_CHOICES} ข้อ หรือไม่ใส่เลย (ใส่มา {len(lines)})")
        if len(set(lines)) < len(lines):
            raise forms.ValidationError("มีข้อที่เหมือนกัน")
        if too_long := [line for line in lines if len(line) > consultations.MAX_CHOICE]:
            raise forms.ValidationError(f"ข้อนี้ยาวเกิน {consultations.MAX_CHOICE} ตัวอักษร: {too_long[0][:40]}…")
        return lines

    def clean_text(self) -> str:
        return self._check_length("text")

    def clean_purpose(self) -> str:
        return self._check_length("purpose")

    def _check_length(self, name: str) -> str:
        text = str(self.cleaned_data[name])
        if len(text) > consultations.MAX_REPORT:
            raise forms.ValidationError(f"ยาวเกิน {consultations.MAX_REPORT:,} ตัวอักษร (เขียน {len(text):,})")
        return text


class OpinionForm(forms.Form):
    """An opinion as somebody gives it."""

    choice = forms.TypedChoiceField(required=False, coerce=int, empty_value=None, widget=forms.RadioSelect)
    text = forms.CharField(
        required=False, max_length=consultations.MAX_OPINION, widget=forms.Textarea({"rows": 5, "autocomplete": "off"})
    )

    def __init__(self, *args: Any, consultation: Consultation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        numbered = [(str(number), choice) for number, choice in enumerate(consultation.choices)]
        self.fields["choice"].choices = numbered  # type: ignore[attr-defined]
        self.fields["choice"].label = say("ท่านเห็นด้วยกับข้อใด", "Which do you prefer?")
        if not numbered:
            del self.fields["choice"]
        self.fields["text"].label = say("ความคิดเห็นของท่าน", "Your opinion")
        self.fields["text"].help_text = say(
            "อย่าใส่ชื่อ เบอร์โทร หรือเลขบัตรของใคร", "Leave out names, telephone and identity numbers."
        )


class ResultForm(forms.Form):
    """What was heard, and what was decided."""

    heard = forms.CharField(
        label="สรุปสิ่งที่ได้รับฟัง", max_length=consultations.MAX_REPORT, widget=forms.Textarea({"rows": 6})
    )
    decided = forms.CharField(
        label="สิ่งที่หน่วยงานตัดสินใจ เหตุผล และการนำไปปรับปรุงงาน",
        max_length=consultations.MAX_REPORT,
        widget=forms.Textarea({"rows": 6}),
    )
