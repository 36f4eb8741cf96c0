"""The first tables."""

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="เวลา")),
                ("by", models.CharField(max_length=160, verbose_name="โดย")),
                ("action", models.CharField(db_index=True, max_length=60, verbose_name="การกระทำ")),
                ("subject", models.CharField(max_length=200, verbose_name="สิ่งที่กระทำ")),
                ("agency", models.CharField(blank=True, db_index=True, max_length=40, verbose_name="หน่วยงาน")),
                ("detail", models.JSONField(default=dict, verbose_name="รายละเอียด")),
                ("previous", models.CharField(max_length=64)),
                ("digest", models.CharField(max_length=64, unique=True)),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                ("entries", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("email", models.EmailField(max_length=254, verbose_name="อีเมล")),
                ("name", models.CharField(max_length=120, verbose_name="ชื่อ")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("office", "ส่วนกลาง"),
                            ("assessor", "ผู้ประเมิน"),
                            ("officer", "เจ้าหน้าที่หน่วยงาน"),
                            ("executive", "ผู้บริหารหน่วยงาน"),
                            ("auditor", "ผู้ตรวจสอบ"),
                        ],
                        max_length=12,
                        verbose_name="บทบาท",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="ใช้งานได้")),
                ("invited_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(django.db.models.functions.text.Lower("email"), name="user_email_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=300)),
                ("url", models.CharField(blank=True, max_length=300)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                ("read_at", models.DateTimeField(null=True)),
                ("mailed_at", models.DateTimeField(null=True)),
                ("mail_problem", models.CharField(blank=True, max_length=300)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
                "indexes": [models.Index(fields=["user", "read_at"], name="people_noti_user_id_a6606b_idx")],
            },
        ),
    ]
