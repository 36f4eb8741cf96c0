"""Tables and columns carry standard names: LinkCheck, BlindReview, last_check, next_check_at, notified."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("disclosure", "0002_unchangeable"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameModel(old_name="Look", new_name="LinkCheck"),
        migrations.RenameField(model_name="linkcheck", old_name="why", new_name="reason"),
        migrations.RenameField(model_name="linkcheck", old_name="seen", new_name="details"),
        migrations.AlterField(
            model_name="linkcheck",
            name="link",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="checks", to="disclosure.link"
            ),
        ),
        migrations.RenameField(model_name="link", old_name="look", new_name="last_check"),
        migrations.RenameField(model_name="link", old_name="next_look", new_name="next_check_at"),
        migrations.RenameField(model_name="link", old_name="next_why", new_name="next_reason"),
        migrations.RenameIndex(
            model_name="linkcheck",
            old_name="disclosure__link_id_de490e_idx",
            new_name="disclosure__link_id_a50e1c_idx",
        ),
        migrations.RemoveIndex(model_name="change", name="disclosure__told_4f1748_idx"),
        migrations.RenameField(model_name="change", old_name="told", new_name="notified"),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(fields=["notified"], name="disclosure__notifie_da1681_idx"),
        ),
        migrations.RenameModel(old_name="SecondLook", new_name="BlindReview"),
        migrations.RemoveConstraint(model_name="blindreview", name="second_look_once"),
        migrations.AddConstraint(
            model_name="blindreview",
            constraint=models.UniqueConstraint(fields=("filing", "item"), name="blind_review_once"),
        ),
    ]
