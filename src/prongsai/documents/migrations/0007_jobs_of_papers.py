"""Papers and batches that waited are jobs; how often one was tried is known to its job. A batch can be given up."""

from django.db import migrations, models


def make_jobs(apps, _schema_editor):
    Job = apps.get_model("jobs", "Job")
    for wanted in apps.get_model("documents", "PaperJob").objects.filter(status="waiting").order_by("pk"):
        Job.objects.create(
            name="documents.write_paper",
            queue="papers",
            key=f"paper:{wanted.pk}",
            arguments=[wanted.pk],
            assessment=wanted.agency.assessment_id,
        )
    for batch in apps.get_model("documents", "Batch").objects.filter(status="running").order_by("pk"):
        Job.objects.create(
            name="documents.run_batch_in_background",
            queue="batches",
            key=f"batch:{batch.pk}",
            arguments=[batch.pk],
            about=f"ชุดผลที่ {batch.result_set_id}",
            assessment=batch.result_set.assessment_id,
        )


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0006_notes_of_jobs"),
        ("jobs", "0002_from_the_old_queue"),
    ]

    operations = [
        migrations.RunPython(make_jobs, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name="paperjob",
            name="tries",
        ),
        migrations.AlterField(
            model_name="batch",
            name="status",
            field=models.CharField(
                choices=[("running", "กำลังทำ"), ("done", "เสร็จแล้ว"), ("failed", "หยุดไว้")],
                default="running",
                max_length=7,
            ),
        ),
    ]
