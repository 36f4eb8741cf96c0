"""Rules written as a folder of YAML, as somebody would write them by hand."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prongsai.framework import schema
from prongsai.framework.folder import MAIN_FILE
from prongsai.framework.schema import Record, as_data
from prongsai.framework.tree import Framework

_FILES = {"survey_items": "survey-items.yaml", "disclosure_items": "disclosure-items.yaml", "cases": "cases/cases.yaml"}


def write_folder(framework: Framework, folder: Path) -> list[Path]:
    """Write rules as the YAML files of a year, as they would be written by hand; returns the files."""
    main: dict[str, Any] = {}
    files: dict[str, Mapping[str, Any]] = {MAIN_FILE: main}
    for name, value in _without_defaults(framework.rules).items():
        if name in _FILES:
            files[_FILES[name]] = {name: value}
        else:
            main[name] = value
    paths = []
    for file, data in files.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_as_yaml(data).encode())
        paths.append(path)
    return paths


def _without_defaults(value: object) -> Any:
    """The JSON form without fields that say what they say when they are not written; short records are _OneLine."""
    if isinstance(value, Record):
        known = vars(type(value))["__dataclass_fields__"]
        named = ((name, getattr(value, name)) for name in known)
        parts = {name: _without_defaults(part) for name, part in named if part != known[name].default}
        return _OneLine(parts) if isinstance(value, _SHORT) else parts
    if isinstance(value, tuple):
        return [_without_defaults(part) for part in value]
    if isinstance(value, dict):
        return {name: _without_defaults(part) for name, part in value.items()}
    return as_data(value)


class _OneLine(dict[str, Any]):
    """A mapping that is written on one line."""


_SHORT = (schema.Basis, schema.Label, schema.Source, schema.Option, schema.SubAnswer, schema.Element, schema.Edition)
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")  # what needs no quotes, and is neither a number nor a constant
_CONSTANTS = ("true", "false", "null", "yes", "no", "on", "off", "y", "n")


def _as_yaml(data: Mapping[str, Any]) -> str:
    """A block for what is long, one line for what is short, quotes around every text that is more than a word."""
    import yaml

    class Writer(yaml.SafeDumper):
        def increase_indent(self, *_: object, **__: object) -> None:
            super().increase_indent()  # lists stand in from their field

    def write_text(writer: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
        is_plain = _PLAIN.fullmatch(text) and text.lower() not in _CONSTANTS
        return writer.represent_scalar("tag:yaml.org,2002:str", text, style=None if is_plain else '"')

    def write_list(writer: yaml.SafeDumper, values: list[Any]) -> yaml.SequenceNode:
        is_short = all(isinstance(value, str | int) for value in values)
        return writer.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=is_short)

    def write_line(writer: yaml.SafeDumper, values: _OneLine) -> yaml.MappingNode:
        return writer.represent_mapping("tag:yaml.org,2002:map", values, flow_style=True)

    Writer.add_representer(str, write_text)
    Writer.add_representer(list, write_list)
    Writer.add_representer(_OneLine, write_line)
    return yaml.dump(data, Dumper=Writer, allow_unicode=True, sort_keys=False, width=sys.maxsize)
