"""Rolls, batches, invitations and the tokens that they are exchanged for. Codes that were printed before belong to no
batch and stay what they are; populations that agencies stated are not rolls until the office makes them so."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("survey", "0008_sealed_answers"),
    ]

    operations = [
        migrations.AddField(
            model_name="channel",
            name="exchanged",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="population",
            name="agency_prints",
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name="population",
            name="roll",
            field=models.JSONField(null=True),
        ),
        migrations.AlterField(
            model_name="channel",
            name="kind",
            field=models.CharField(
                choices=[
                    ("link", "ลิงก์สาธารณะ"),
                    ("codes", "บัตรรหัสใช้ครั้งเดียว"),
                    ("tokens", "คำเชิญแลกสิทธิ์ตอบ"),
                    ("interview", "การสัมภาษณ์โดยผู้ประเมิน"),
                ],
                max_length=9,
            ),
        ),
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("size", models.PositiveIntegerField()),
                ("ordered_on", models.DateField(auto_now_add=True)),
                ("printed_on", models.DateField(null=True)),
                ("withdrawn_on", models.DateField(null=True)),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="survey.channel"
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.AddField(
            model_name="code",
            name="batch",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="survey.batch"
            ),
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("blinded", models.CharField(blank=True, max_length=64)),
                (
                    "batch",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="survey.batch"),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="survey.channel"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SpentToken",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="survey.channel"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TokenKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("modulus", models.CharField(max_length=1024)),
                ("private_key", models.BinaryField()),
                (
                    "channel",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="survey.channel"
                    ),
                ),
            ],
        ),
    ]
