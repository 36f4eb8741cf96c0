"""The edition that a round was opened with: what is stored by place and by id is read with its words."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("rulebooks", "0001_initial"),)
    operations = (
        migrations.AddField(
            "Rulebook",
            "pinned_edition",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="rulebooks.edition",
            ),
        ),
    )
