"""What the database remembers of the secrets that every machine must share."""

from django.db import models


class KeyFingerprint(models.Model):
    """The fingerprint of a secret outside the database, as it was when the installation was prepared."""

    name = models.CharField(max_length=20, primary_key=True)
    fingerprint = models.CharField(max_length=64)
    noted_at = models.DateTimeField(auto_now_add=True)


class TableChange(models.Model):
    """What was added to the revision of a table by one change, or by many (``table_changes``)."""

    table = models.CharField(max_length=63, db_index=True)
    step = models.BigIntegerField()
