"""Types of agencies, with their Thai and English names."""

from django.db.models import TextChoices


class AgencyType(TextChoices):
    DEPARTMENT = "department", "ส่วนราชการระดับกรม"
    STATE_ENTERPRISE = "state_enterprise", "รัฐวิสาหกิจ"
    PUBLIC_ORGANIZATION = "public_organization", "องค์การมหาชน"
    INDEPENDENT = "independent", "องค์กรอิสระ ศาล และรัฐสภา"
    UNIVERSITY = "university", "สถาบันอุดมศึกษา"
    STATE_AGENCY = "state_agency", "หน่วยงานของรัฐอื่น"
    PROVINCE = "province", "จังหวัด"
    DISTRICT = "district", "อำเภอ"
    SPECIAL_LOCAL = "special_local", "องค์กรปกครองส่วนท้องถิ่นรูปแบบพิเศษ"
    BANGKOK_DISTRICT = "bangkok_district", "สำนักงานเขตของกรุงเทพมหานคร"
    PROVINCIAL_ORGANIZATION = "pao", "องค์การบริหารส่วนจังหวัด"
    CITY = "city", "เทศบาลนคร"
    TOWN = "town", "เทศบาลเมือง"
    SUBDISTRICT_MUNICIPALITY = "subdistrict_municipality", "เทศบาลตำบล"
    SUBDISTRICT_ORGANIZATION = "sao", "องค์การบริหารส่วนตำบล"
    HOSPITAL = "hospital", "โรงพยาบาล"
    SCHOOL = "school", "สถานศึกษา"


AGENCY_TYPES_EN: dict[str, str] = {
    "department": "Department",
    "state_enterprise": "State enterprise",
    "public_organization": "Public organization",
    "independent": "Independent body, court, parliament",
    "university": "Higher education",
    "state_agency": "Other state agency",
    "province": "Province",
    "district": "District",
    "special_local": "Special local government",
    "bangkok_district": "Bangkok district office",
    "pao": "Provincial administrative organization",
    "city": "City municipality",
    "town": "Town municipality",
    "subdistrict_municipality": "Subdistrict municipality",
    "sao": "Subdistrict administrative organization",
    "hospital": "Hospital",
    "school": "School",
}

SHORT_TYPES_TH: dict[str, str] = {"sao": "อบต.", "pao": "อบจ."}  # as everybody calls them
