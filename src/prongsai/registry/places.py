"""Provinces with their regions (the six geographic regions of the Royal Society), and types of agencies."""

from django.db.models import TextChoices

REGIONS: dict[str, str] = {
    "เหนือ": "เชียงราย เชียงใหม่ น่าน พะเยา แพร่ แม่ฮ่องสอน ลำปาง ลำพูน อุตรดิตถ์",
    "ตะวันออกเฉียงเหนือ": "กาฬสินธุ์ ขอนแก่น ชัยภูมิ นครพนม นครราชสีมา บึงกาฬ บุรีรัมย์ มหาสารคาม มุกดาหาร ยโสธร ร้อยเอ็ด เลย "
    "ศรีสะเกษ สกลนคร สุรินทร์ หนองคาย หนองบัวลำภู อำนาจเจริญ อุดรธานี อุบลราชธานี",
    "กลาง": "กรุงเทพมหานคร กำแพงเพชร ชัยนาท นครนายก นครปฐม นครสวรรค์ นนทบุรี ปทุมธานี พระนครศรีอยุธยา พิจิตร พิษณุโลก เพชรบูรณ์ "
    "ลพบุรี สมุทรปราการ สมุทรสงคราม สมุทรสาคร สระบุรี สิงห์บุรี สุโขทัย สุพรรณบุรี อ่างทอง อุทัยธานี",
    "ตะวันออก": "จันทบุรี ฉะเชิงเทรา ชลบุรี ตราด ปราจีนบุรี ระยอง สระแก้ว",
    "ตะวันตก": "กาญจนบุรี ตาก ประจวบคีรีขันธ์ เพชรบุรี ราชบุรี",
    "ใต้": "กระบี่ ชุมพร ตรัง นครศรีธรรมราช นราธิวาส ปัตตานี พังงา พัทลุง ภูเก็ต ยะลา ระนอง สงขลา สตูล สุราษฎร์ธานี",
}
REGION_OF: dict[str, str] = {p: region for region, names in REGIONS.items() for p in names.split()}


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
