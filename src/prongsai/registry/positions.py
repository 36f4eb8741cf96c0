"""The positions of executives, from the type and the name of their agency."""

from prongsai.registry.agency_types import AgencyType
from prongsai.registry.models import Agency

# what the name of an agency of a type begins with, and what the position says in its place
_REPLACEMENTS = {
    AgencyType.SUBDISTRICT_ORGANIZATION: ("องค์การ", "นายกองค์การ"),
    AgencyType.PROVINCIAL_ORGANIZATION: ("องค์การ", "นายกองค์การ"),
    AgencyType.SUBDISTRICT_MUNICIPALITY: ("เทศบาล", "นายกเทศมนตรี"),
    AgencyType.TOWN: ("เทศบาล", "นายกเทศมนตรี"),
    AgencyType.CITY: ("เทศบาล", "นายกเทศมนตรี"),
    AgencyType.PROVINCE: ("จังหวัด", "ผู้ว่าราชการจังหวัด"),
    AgencyType.DISTRICT: ("อำเภอ", "นายอำเภอ"),
    AgencyType.BANGKOK_DISTRICT: ("สำนักงานเขต", "ผู้อำนวยการเขต"),
    AgencyType.DEPARTMENT: ("กรม", "อธิบดีกรม"),
    AgencyType.UNIVERSITY: ("มหาวิทยาลัย", "อธิการบดีมหาวิทยาลัย"),
}


def find_executive_position(agency: Agency) -> str:
    """The position of the head of an agency; empty where its type does not say it."""
    beginning, replacement = _REPLACEMENTS.get(AgencyType(agency.kind), ("", ""))
    name = agency.name_th.strip()
    return replacement + name.removeprefix(beginning) if replacement and name.startswith(beginning) else ""
