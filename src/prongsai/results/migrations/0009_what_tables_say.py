"""What tables say of each published result: its change against the year before, where it fell, what is weakest. For
results that are published already a worker computes it, by the rules of each."""

from django.db import migrations, models


def make_jobs(apps, _schema_editor):
    Job = apps.get_model("jobs", "Job")
    for overview in apps.get_model("results", "Overview").objects.order_by("fiscal_year", "assessment"):
        assessment, year = overview.assessment_id, overview.fiscal_year
        Job.objects.create(
            name="results.describe_year",
            queue="compute",
            key=f"describe:{assessment}:{year}",
            arguments=[assessment, year],
            about=str(year),
            assessment=assessment,
        )


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0003_request_id"),
        ("registry", "0005_lists_read_in_background"),
        ("results", "0008_issued_receipts"),
    ]

    operations = [
        migrations.AddField(
            model_name="publishedresult",
            name="caution",
            field=models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.AddField(
            model_name="publishedresult",
            name="change",
            field=models.DecimalField(decimal_places=4, max_digits=7, null=True),
        ),
        migrations.AddField(
            model_name="publishedresult",
            name="facts",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="publishedresult",
            name="level_change",
            field=models.SmallIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name="publishedresult",
            index=models.Index(fields=["assessment", "fiscal_year", "change"], name="results_pub_assessm_e3f154_idx"),
        ),
        migrations.RunPython(make_jobs, migrations.RunPython.noop),
    ]
