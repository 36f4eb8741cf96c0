"""In which language the interviews of a province are held."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("disclosure", "0011_assessor_profiles"),
        ("registry", "0006_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProvinceLanguage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("province", models.CharField(max_length=40)),
                ("language", models.CharField(max_length=60)),
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="registry.assessment"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("assessment", "province"), name="province_language_once")
                ],
            },
        ),
    ]
