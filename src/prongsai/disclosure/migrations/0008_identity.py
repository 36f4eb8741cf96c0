"""Three answers of every check: does it answer, is it the agency's, is it about the item and its year; and since when
others have put something else at a link."""

from typing import Any

from django.db import migrations, models

# what the states of earlier checks say of the first question; the other two were not asked
ANSWERED = {
    "yes": ("ok", "moved", "outside"),
    "no": ("dead", "soft_404"),
    "unsure": ("slow", "blocked", "sign_in", "certificate"),
}


def answer_earlier_checks(apps: Any, _: Any) -> None:
    checks = apps.get_model("disclosure", "LinkCheck").objects
    for answer, states in ANSWERED.items():
        checks.filter(answers="", state__in=states).update(answers=answer)


class Migration(migrations.Migration):
    dependencies = (("disclosure", "0007_brought_marks"),)
    operations = (
        migrations.AddField("LinkCheck", "answers", models.CharField(blank=True, default="", max_length=6), False),
        migrations.AddField("LinkCheck", "is_owners", models.CharField(blank=True, default="", max_length=6), False),
        migrations.AddField("LinkCheck", "is_about", models.CharField(blank=True, default="", max_length=6), False),
        migrations.AddField("LinkCheck", "identity", models.JSONField(default=dict)),
        migrations.AddField("Link", "alarm_since", models.DateTimeField(db_index=True, null=True)),
        migrations.RunPython(answer_earlier_checks, migrations.RunPython.noop),
    )
