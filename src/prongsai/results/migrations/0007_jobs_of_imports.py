"""Files that were being read are jobs; how often one was tried is known to its job."""

from django.db import migrations


def make_jobs(apps, _schema_editor):
    Job = apps.get_model("jobs", "Job")
    for imported in apps.get_model("results", "Import").objects.filter(status="reading").order_by("pk"):
        Job.objects.create(
            name="results.read_import",
            queue="bulk" if imported.shape == "nation" else "files",
            key=f"import:{imported.pk}",
            arguments=[imported.pk],
            about=imported.file_name,
            assessment=imported.assessment_id,
        )


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0002_from_the_old_queue"),
        ("results", "0006_readings"),
    ]

    operations = [
        migrations.RunPython(make_jobs, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name="import",
            name="tries",
        ),
    ]
