"""Tables carry the names of the glossary: Appointment, PublishedResult, Population."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0002_standard_names"),
        ("results", "0002_unchangeable"),
    ]

    operations = [
        migrations.RenameModel(
            old_name="Current",
            new_name="PublishedResult",
        ),
        migrations.RenameIndex(
            model_name="publishedresult",
            new_name="results_pub_fiscal__a65a12_idx",
            old_name="results_cur_fiscal__e9da3c_idx",
        ),
    ]
