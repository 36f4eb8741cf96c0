"""Tables that go out to be opened in a spreadsheet."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import IO, Any

_LINES = 200  # sent at a time
_BEGINS_FORMULA = "=+-@＝＋－＠\t\r\n"  # the wide ones where the computer's language has them


class _Line:
    """What a CSV writer writes to: returns each line instead of storing it."""

    def write(self, line: str) -> str:
        return line


def escape_formula(value: Any) -> Any:
    """The value, quoted if a spreadsheet would run it as a formula."""
    return f"'{value}" if isinstance(value, str) and len(value) > 1 and value[0] in _BEGINS_FORMULA else value


def stream_csv(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """A CSV file, some lines at a time, with the mark by which spreadsheets know UTF-8. Text that a spreadsheet would
    run is quoted; numbers are numbers, signs and all."""
    writer = csv.writer(_Line())
    part = ["\ufeff", writer.writerow(titles)]
    for row in rows:
        part.append(writer.writerow([escape_formula(value) for value in row]))
        if len(part) >= _LINES:
            yield "".join(map(str, part)).encode()
            part = []
    yield "".join(map(str, part)).encode()


def write_xlsx(
    file: IO[bytes], name: str, titles: Sequence[str], rows: Iterable[Sequence[Any]], *, widths: Sequence[int] = ()
) -> None:
    """A sheet for people: the titles stay in sight, decimals have two places, no text is a formula or link. ``widths``
    of columns are in letters."""
    import xlsxwriter

    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(name)
    bold, score = book.add_format({"bold": True}), book.add_format({"num_format": "0.00"})
    sheet.freeze_panes(1, 0)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.write_row(0, 0, titles, bold)
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, Decimal):
                sheet.write_number(number, column, float(value), score)
            elif isinstance(value, str):
                sheet.write_string(number, column, value)
            elif value is not None:
                sheet.write_number(number, column, value)
    book.close()
