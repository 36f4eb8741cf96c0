"""How often the tables behind the public record changed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("machines", "0001_initial"),)

    operations = (
        migrations.CreateModel(
            name="TableChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("table", models.CharField(db_index=True, max_length=63)),
                ("step", models.BigIntegerField()),
            ],
        ),
    )
