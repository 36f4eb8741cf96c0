"""The rules of passwords: Django's own, with their hints and errors in Thai for readers of Thai."""

from django.contrib.auth import password_validation as django_rules
from django.utils.functional import lazy
from django.utils.translation import get_language


def _translate(thai: str, english: str) -> str:
    return english if (get_language() or "th").startswith("en") else thai


choose_words = lazy(_translate, str)  # for texts that are chosen before there is a reader


class UserAttributeSimilarityValidator(django_rules.UserAttributeSimilarityValidator):
    def get_error_message(self) -> str:
        return _translate("รหัสผ่านคล้ายกับชื่อหรืออีเมลของท่านเกินไป", str(super().get_error_message()))

    def get_help_text(self) -> str:
        return _translate("ต้องไม่คล้ายกับชื่อหรืออีเมลของท่าน", super().get_help_text())


class MinimumLengthValidator(django_rules.MinimumLengthValidator):
    def get_error_message(self) -> str:
        return _translate(f"รหัสผ่านสั้นเกินไป ต้องยาวอย่างน้อย {self.min_length} ตัว", str(super().get_error_message()))

    def get_help_text(self) -> str:
        return _translate(f"ยาวอย่างน้อย {self.min_length} ตัว", super().get_help_text())


class CommonPasswordValidator(django_rules.CommonPasswordValidator):
    def get_error_message(self) -> str:
        return _translate("รหัสผ่านนี้มีคนใช้มาก จึงเดาง่าย", str(super().get_error_message()))

    def get_help_text(self) -> str:
        return _translate("ต้องไม่ใช่รหัสที่คนใช้กันมาก", super().get_help_text())


class NumericPasswordValidator(django_rules.NumericPasswordValidator):
    def get_error_message(self) -> str:
        return _translate("รหัสผ่านเป็นตัวเลขล้วน ต้องมีตัวอักษรด้วย", str(super().get_error_message()))

    def get_help_text(self) -> str:
        return _translate("ต้องไม่เป็นตัวเลขล้วน", super().get_help_text())
