"""Rows that are locked: what is read beside them is as new as they are."""

import re
from pathlib import Path

from django.apps import apps

import prongsai

# of a model: a lock, and what is joined to it, in either order
_LOCKS = re.compile(r"(\w+)\.objects((?:\s*\.(?:select_for_update|select_related|filter)\((?:[^()]|\([^()]*\))*\))+)")
_JOINED = re.compile(r"\.select_related\(([^()]*)\)")


def joins_of_locks():
    """Each model that is locked with relations joined to it, and their paths."""
    for source in Path(prongsai.__file__).parent.rglob("*.py"):
        for model, chain in _LOCKS.findall(source.read_text(encoding="utf-8")):
            if "select_for_update" in chain:
                for joined in _JOINED.findall(chain):
                    yield model, re.findall(r'"(\w+)"', joined)


def test_nothing_that_may_be_missing_is_joined_to_a_locked_row():
    """PostgreSQL reads a row anew that somebody else had locked, and what was joined to it not: a complaint that a
    colleague has just taken came with their key and without them, so that both of two handlers had it."""
    models = apps.get_models()
    found = [(name, path) for name, paths in joins_of_locks() for path in paths]
    assert len(found) > 10
    for name, path in found:
        first = path.partition("__")[0]
        named = [m for m in models if m.__name__ == name and first in {f.name for f in m._meta.fields}]
        assert named, (name, path)
        for model in named:
            for part in path.split("__"):
                field = model._meta.get_field(part)
                assert not field.null, (name, path)
                model = field.related_model
