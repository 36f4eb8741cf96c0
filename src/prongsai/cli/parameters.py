"""Values of a command line without a validator: typer starts pydantic for each, which takes longer than most commands.

Text, paths, flags and lists of them are converted here; every other type is left to typer.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from typer.core import TyperCommand, TyperGroup

_CONVERTERS: dict[object, Callable[[Any], object]] = {
    bool: bool,
    str: str,
    Path: Path,
    list[str]: lambda values: [str(value) for value in values],
    list[Path]: lambda values: [Path(value) for value in values],
}


class _PlainValue:
    """Replaces typer's ``RuntimeParam``; versions of typer without one ignore it."""

    def __init__(self, convert: Callable[[Any], object]) -> None:
        self.convert = convert

    def coerce(self, value: Any, **_: object) -> object:
        return value if value is None else self.convert(value)


def _convert_plainly(parameters: list[Any]) -> list[Any]:
    for parameter in parameters:
        annotation = getattr(getattr(parameter, "type_descriptor", None), "annotation", None)
        if annotation in _CONVERTERS:
            parameter._runtime_param = _PlainValue(_CONVERTERS[annotation])
    return parameters


class Command(TyperCommand):
    """A command whose plain values are converted here."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _convert_plainly(super().get_params(ctx))


class Group(TyperGroup):
    """A group of commands, likewise."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _convert_plainly(super().get_params(ctx))
