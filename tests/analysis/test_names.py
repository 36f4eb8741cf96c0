"""What rooms give by name: all that they say they give, each the thing itself, imported when it is first asked for."""

import subprocess
import sys
from importlib import import_module

import pytest

ROOMS = ("prongsai.framework", "prongsai.scoring", "prongsai.analysis", "prongsai.intake")


@pytest.mark.parametrize("room", ROOMS)
def test_every_name_is_given(room):
    module = import_module(room)
    for name in module.__all__:
        assert getattr(module, name).__class__.__name__ != "module"
    with pytest.raises(AttributeError, match=f"^module '{room}' has no attribute 'nothing_of_the_kind'$"):
        module.nothing_of_the_kind  # noqa: B018


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("backwards", [False, True])
def test_the_order_of_asking_changes_nothing(room, backwards):
    """A module that had the name of what it holds would take its place, once something else had imported it."""
    program = f"""
from importlib import import_module
room = import_module({room!r})
names = sorted(room.__all__, reverse={backwards})
for name in names:
    getattr(room, name)
assert all(getattr(room, name).__class__.__name__ != "module" for name in names)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
