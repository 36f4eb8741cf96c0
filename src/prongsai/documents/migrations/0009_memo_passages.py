"""The passages of a memo about a register are edited too, under the name of its paper and a word."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0008_memos_of_registers"),
    ]

    operations = [
        migrations.AlterField(
            model_name="passageedit",
            name="kind",
            field=models.CharField(max_length=40),
        ),
    ]
