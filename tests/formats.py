"""Writing a document's content as .txt, .csv, .docx and .xlsx. (.pdf: see tests/data/README.md.)"""

import csv
import io
from pathlib import Path

import docx
import xlsxwriter

from tests.content import Block


def write_txt(blocks: list[Block], path: Path, encoding: str = "utf-8") -> Path:
    lines: list[str] = []
    for block in blocks:
        lines += [block] if isinstance(block, str) else ["\t".join(row) for row in block]
        lines.append("")
    path.write_bytes("\n".join(lines).encode(encoding))
    return path


def write_csv(blocks: list[Block], path: Path, encoding: str = "utf-8-sig") -> Path:
    out = io.StringIO()
    writer = csv.writer(out)
    for block in blocks:
        writer.writerows([[block]] if isinstance(block, str) else block)
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def write_docx(blocks: list[Block], path: Path) -> Path:
    document = docx.Document()
    for block in blocks:
        if isinstance(block, str):
            document.add_paragraph(block)
            continue
        table = document.add_table(rows=0, cols=max(map(len, block)), style="Table Grid")
        for row in block:
            for cell, text in zip(table.add_row().cells, row, strict=False):
                cell.text = text
        _merge_down(table, block)
    document.save(str(path))
    return path


def _merge_down(table: "docx.table.Table", rows: list[list[str]]) -> None:
    """An empty first cell under a filled one becomes part of it, as in a typed report."""
    start = None
    for number, row in enumerate(rows):
        if row[0]:
            start = number
        elif start is not None and number > 1:
            keep = rows[start][0]
            merged = table.cell(start, 0).merge(table.cell(number, 0))
            merged.text = keep


def write_xlsx(blocks: list[Block], path: Path) -> Path:
    """Numbers typed in Arabic digits become numbers, the others stay text."""
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("ผลการประเมิน")
    row_number = 0
    for block in blocks:
        for row in [[block]] if isinstance(block, str) else block:
            for column, text in enumerate(row):
                sheet.write_string(row_number, column, text)
            row_number += 1
        row_number += 1
    book.close()
    return path
