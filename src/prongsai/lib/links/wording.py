"""The sentences for states and codes, Thai first, English beside: what it is and what to do about it.

``{codes}`` below are all codes that ``Observation.error``, ``Observation.notes``, ``Problems.codes`` and
``Address.warnings`` can hold; a test holds the table and the code together.
"""

from typing import Literal

from prongsai.lib.links.model import State

STATE_TH: dict[State | Literal["pending"], str] = {
    "pending": "รอตรวจซ้ำ",
    "ok": "เปิดได้",
    "moved": "ย้ายที่อยู่แล้ว",
    "outside": "อยู่นอกเว็บไซต์ของหน่วยงาน",
    "slow": "เปิดช้ามาก",
    "blocked": "เว็บไซต์ไม่ให้ระบบตรวจ",
    "sign_in": "ต้องลงชื่อเข้าใช้",
    "certificate": "ใบรับรองความปลอดภัยมีปัญหา",
    "soft_404": "เปิดได้แต่ไม่พบเนื้อหา",
    "dead": "เปิดไม่ได้",
}
STATE_EN: dict[State | Literal["pending"], str] = {
    "pending": "To be looked at again",
    "ok": "Opens",
    "moved": "Has moved",
    "outside": "Outside the agency's site",
    "slow": "Very slow",
    "blocked": "Refuses automatic checks",
    "sign_in": "Asks to sign in",
    "certificate": "Certificate problem",
    "soft_404": "Opens, but nothing is there",
    "dead": "Does not open",
}

# code -> (Thai, English)
_SENTENCES: dict[str, tuple[str, str]] = {}


def sentence(code: str, language: Literal["th", "en"] = "th") -> str:
    """The sentence of a code. ``status_403`` and its like are made from the number."""
    if code.startswith("status_") and code not in _SENTENCES:
        number = code.removeprefix("status_")
        return f"เว็บไซต์ตอบว่าผิดพลาด (รหัส {number})" if language == "th" else f"The site answered with error {number}"
    return _SENTENCES[code][language == "en"]
