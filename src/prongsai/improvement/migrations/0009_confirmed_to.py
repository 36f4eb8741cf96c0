"""What was confirmed of gifts holds to a day, not for the whole year. The day of a tick of an earlier version is not
known; it was ticked on the day its sheet was begun or later, so it holds to that day at least."""

import datetime

from django.db import migrations
from django.utils import timezone

_BUDDHIST = 543
_FIRST_MONTH = 10


def _date_ticks(apps, _):
    sheets = apps.get_model("improvement", "RegisterSheet")
    for sheet in sheets.objects.filter(kind="gifts").iterator():
        if sheet.fields.get("nothing") != "1":
            continue
        year = sheet.fiscal_year - _BUDDHIST
        first, last = datetime.date(year - 1, _FIRST_MONTH, 1), datetime.date(year, _FIRST_MONTH - 1, 30)
        day = min(timezone.localdate(sheet.created_at), last)
        fields = {key: value for key, value in sheet.fields.items() if key != "nothing"}
        if day >= first:
            fields["nothing"] = day.isoformat()
        sheets.objects.filter(pk=sheet.pk).update(fields=fields)


class Migration(migrations.Migration):
    dependencies = (("improvement", "0008_first_year"),)
    operations = (migrations.RunPython(_date_ticks, migrations.RunPython.noop),)
