"""Entries of the public log, and the signed states of its tree."""

from django.db import models


class LogEntry(models.Model):
    """One act. ``content`` is the canonical JSON that the log consists of, letter for letter; ``hash`` the hash of its
    leaf, in hex. The database refuses to change or delete it."""

    index = models.PositiveBigIntegerField(primary_key=True)
    kind = models.CharField(max_length=20)
    content = models.TextField()
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ("index",)


class LogHead(models.Model):
    """The one row that whoever appends holds: how many entries there are."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    size = models.PositiveBigIntegerField(default=0)


class SignedCheckpoint(models.Model):
    """A state of the tree that the log has signed: ``note`` is what it published. The database refuses to change or
    delete it."""

    size = models.PositiveBigIntegerField(primary_key=True)
    root = models.CharField(max_length=64)
    note = models.TextField()
    signed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-size",)


class Cosignature(models.Model):
    """What a witness, or a time-stamping authority, has said to a checkpoint: ``line`` of a witness, ``token`` of an
    authority (RFC 3161)."""

    checkpoint = models.ForeignKey(SignedCheckpoint, on_delete=models.PROTECT, related_name="cosignatures")
    name = models.CharField(max_length=200)
    line = models.TextField(blank=True)
    token = models.BinaryField(null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("checkpoint", "name"), name="cosigned_once"),)
