"""Users belong to an assessment."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0003_standard_names"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="assessment",
            field=models.CharField(default="ita", max_length=20, verbose_name="การประเมิน"),
        ),
    ]
