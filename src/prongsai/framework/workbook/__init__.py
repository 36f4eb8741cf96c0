"""Rules as a workbook (.xlsx), for people who don't write YAML: written, and read again cell by cell.

``write_workbook(framework)`` gives a workbook of which nothing is lost; ``read_workbook(path, previous)`` gives the
rules again, or every problem with its sheet and cell. A workbook from outside is opened in the sandbox.
"""

from prongsai.framework.workbook.reader import in_words, read_workbook
from prongsai.framework.workbook.writer import write_workbook

__all__ = ["in_words", "read_workbook", "write_workbook"]
