"""Tables and styles of the terminal, and the progress of a long command."""

import pytest

from prongsai.cli import terminal
from prongsai.cli.progress import show_steps
from prongsai.cli.terminal import Cell, Column, print_table, style_text, text_width, wrap_text


@pytest.fixture
def tty(monkeypatch):
    monkeypatch.setattr(terminal, "is_terminal", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("", 0), ("ที่", 1), ("กำ", 2), ("ปี 2568", 6), ("é", 1)])
def test_marks_above_and_below_take_no_column(text, width):
    assert text_width(text) == width


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 5, [""]),
        ("aa bb", 5, ["aa bb"]),
        ("aa bbb", 5, ["aa", "bbb"]),
        ("abcdefg", 3, ["abc", "def", "g"]),
        ("a bcdefg", 3, ["a", "bcd", "efg"]),
        ("ที่ที่ที่", 2, ["ที่ที่", "ที่"]),  # never between a letter and its marks
        ("a  b", 4, ["a  b"]),
    ],
)
def test_texts_are_broken_at_spaces_or_between_letters(text, width, lines):
    assert wrap_text(text, width) == lines
    assert all(text_width(line) <= width for line in lines)


def test_a_table(capsys):
    columns = (
        Column("ปี"),
        Column("n", is_right_aligned=True),
        Column("text", max_width=6),
    )
    print_table(columns, [("2568", "7", "one two"), ("ที่", "10", Cell("x", "bold"))])
    assert capsys.readouterr().out.splitlines() == [
        "ปี    │  n │ text",
        "─────┼────┼───────",
        "2568 │  7 │ one",
        "     │    │ two",
        "ที่    │ 10 │ x",
    ]


@pytest.mark.parametrize(("columns", "widest"), [("200", 200), ("100", 140), ("30", 140)])
def test_a_flexible_column_fills_a_wide_pipe(monkeypatch, capsys, columns, widest):
    monkeypatch.setenv("COLUMNS", columns)
    print_table((Column("a"), Column("b", is_flexible=True)), [("x", "y " * 300)])
    assert max(map(len, capsys.readouterr().out.splitlines())) in (widest, widest - 1)


@pytest.mark.parametrize(("columns", "widest"), [("60", 60), ("10", 24)])
def test_a_flexible_column_fits_the_terminal_and_stays_readable(monkeypatch, capsys, tty, columns, widest):
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("NO_COLOR", "1")
    print_table((Column("a"), Column("b", is_flexible=True)), [("x", "y " * 300)])
    assert max(map(len, capsys.readouterr().out.splitlines())) in (widest, widest - 1)


def test_styles_are_for_terminals_alone(monkeypatch, tty):
    assert style_text("x", "bold red") == "\x1b[1;31mx\x1b[0m"
    assert style_text("x", "") == "x"
    monkeypatch.setenv("NO_COLOR", "1")
    assert style_text("x", "bold") == "x"
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert style_text("x", "bold") == "x"
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(terminal, "is_terminal", lambda: False)
    assert style_text("x", "bold") == "x"


def test_the_console_of_rich_is_wide_in_a_pipe(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert terminal.open_console().width == 140


def test_steps_are_lines_in_a_pipe(capsys):
    with show_steps(2) as report:
        report("หนึ่ง")
        report("สอง")
    assert capsys.readouterr().out == "[1/2] หนึ่ง …\n[2/2] สอง …\nเสร็จใน 0 วินาที\n"


def test_steps_are_a_bar_on_a_terminal(capsys, tty):
    with show_steps(2) as report:
        report("หนึ่ง")
        report("สอง")
    out = capsys.readouterr().out
    assert "2/2" in out
    assert "เสร็จใน 0 วินาที" in out
