"""The roles, one for each user."""

from django.db.models import TextChoices


class Role(TextChoices):
    OFFICE = "office", "ส่วนกลาง"
    ASSESSOR = "assessor", "ผู้ประเมิน"
    OFFICER = "officer", "เจ้าหน้าที่หน่วยงาน"
    EXECUTIVE = "executive", "ผู้บริหารหน่วยงาน"
    AUDITOR = "auditor", "ผู้ตรวจสอบ"
