"""Room for the names of passages of a memo about a register, which are longer than those of other papers."""

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
