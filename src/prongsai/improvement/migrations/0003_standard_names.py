"""Columns carry the names of the glossary: owner, follow-up interval. Their values stay."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("improvement", "0002_unchangeable")]

    operations = [
        migrations.RenameField(model_name="measure", old_name="keeper", new_name="owner"),
        migrations.RenameField(model_name="measure", old_name="rhythm", new_name="follow_up_interval"),
        migrations.AlterField(
            model_name="planfinding",
            name="plan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="findings", to="improvement.plan"
            ),
        ),
    ]
