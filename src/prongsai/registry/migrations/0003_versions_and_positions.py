"""Tables, columns and constraints carry standard names: AgencyVersion, created_at, position, appointment_once."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("registry", "0002_standard_names"),)

    operations = (
        migrations.RenameModel(old_name="AgencyPast", new_name="AgencyVersion"),
        migrations.AlterField(
            model_name="agencyversion",
            name="agency",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="registry.agency"
            ),
        ),
        migrations.RenameField(model_name="round", old_name="made_at", new_name="created_at"),
        migrations.RenameField(model_name="agencyimport", old_name="made_at", new_name="created_at"),
        migrations.RenameField(model_name="phase", old_name="place", new_name="position"),
        migrations.AlterModelOptions(name="phase", options={"ordering": ("position",)}),
        migrations.RemoveConstraint(model_name="appointment", name="duty_once"),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until", None)), fields=("user", "agency"), name="appointment_once"
            ),
        ),
    )
