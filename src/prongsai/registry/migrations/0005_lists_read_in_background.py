"""A list of agencies is read by a worker: the file that it reads, and the state of one not yet read."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0004_assessments"),
    ]

    operations = [
        migrations.AddField(
            model_name="agencyimport",
            name="stored_as",
            field=models.CharField(blank=True, default="", max_length=60),
        ),
        migrations.AlterField(
            model_name="agencyimport",
            name="status",
            field=models.CharField(
                choices=[("reading", "กำลังอ่าน"), ("waiting", "รอยืนยัน"), ("done", "นำเข้าแล้ว"), ("dropped", "ยกเลิก")],
                default="waiting",
                max_length=8,
            ),
        ),
    ]
