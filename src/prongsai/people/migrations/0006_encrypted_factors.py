"""Secrets of second factors that are stored are encrypted with the key of the key folder, which is created here where
there are any."""

from django.db import migrations

from prongsai.people import factor_secrets


def encrypt(apps, _):
    factor_secrets.change_secrets(apps.get_model("mfa", "Authenticator").objects, factor_secrets.encrypt_once)


def decrypt(apps, _):
    factor_secrets.change_secrets(apps.get_model("mfa", "Authenticator").objects, factor_secrets.decrypt)


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0005_limits_and_keyed_trail"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [
        migrations.RunPython(encrypt, decrypt),
    ]
