"""Results, publications and overviews belong to an assessment; a result may be recorded without rules."""

import django.db.models.deletion
from django.db import migrations, models

from prongsai.people.append_only import refuse_changes_again


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0004_assessments"),
        ("results", "0003_standard_names"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="publishedresult",
            name="results_pub_fiscal__a65a12_idx",
        ),
        migrations.RemoveField(
            model_name="resultset",
            name="framework",
        ),
        migrations.AddField(
            model_name="import",
            name="assessment",
            field=models.ForeignKey(
                default="ita", on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.assessment"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="overview",
            name="assessment",
            field=models.ForeignKey(
                default="ita", on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.assessment"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="publishedresult",
            name="assessment",
            field=models.ForeignKey(
                default="ita", on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.assessment"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="resultset",
            name="assessment",
            field=models.ForeignKey(
                default="ita", on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.assessment"
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="overview",
            name="fiscal_year",
            field=models.PositiveIntegerField(),
        ),
        migrations.AlterField(
            model_name="resultset",
            name="framework_digest",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddIndex(
            model_name="publishedresult",
            index=models.Index(fields=["assessment", "fiscal_year", "-overall"], name="results_pub_assessm_1fe4af_idx"),
        ),
        migrations.AddConstraint(
            model_name="overview",
            constraint=models.UniqueConstraint(fields=("assessment", "fiscal_year"), name="overview_once"),
        ),
        refuse_changes_again("results_resultset"),
    ]
