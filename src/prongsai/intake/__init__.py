"""Reading published results back into figures, each with the place it stood. Decides nothing about what is right."""

from prongsai.intake.files import Row, UnreadableError, read_rows
from prongsai.intake.reader import Reading, figures_of, read

__all__ = ["Reading", "Row", "UnreadableError", "figures_of", "read", "read_rows"]
