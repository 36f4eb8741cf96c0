"""Names and numbers that stand each on a line of its own."""

import re
from dataclasses import dataclass, field

from prongsai.intake.ledger import Ledger
from prongsai.intake.vocabulary import Mention


@dataclass
class Run:
    """The names and numbers seen since the last other line: (name or number, place, part of a survey)."""

    ledger: Ledger
    lines: list[tuple[Mention | str, str, str | None]] = field(default_factory=list)

    @property
    def last_name(self) -> Mention | None:
        """The name the last line was, if it was one."""
        last = self.lines[-1][0] if self.lines else None
        return None if isinstance(last, str) else last

    def end(self) -> None:
        """Gives the scores: which number is whose depends on which of them comes first."""
        run, self.lines = self.lines, []
        whole = [i for i, e in enumerate(run) if isinstance(e[0], str) and "." not in e[0]]
        ordinal = {
            i
            for i in whole
            if len(whole) > 1
            and i + 1 < len(run)
            and not isinstance(run[i + 1][0], str)
            and int(str(run[i][0])) <= len(run)
        }
        run = [e for i, e in enumerate(run) if i not in ordinal]  # "1", name, score
        after_name = [
            i for i, e in enumerate(run) if isinstance(e[0], str) and i and not isinstance(run[i - 1][0], str)
        ]
        before_name = [
            i
            for i, e in enumerate(run)
            if isinstance(e[0], str) and i + 1 < len(run) and not isinstance(run[i + 1][0], str)
        ]
        if not after_name and not before_name:
            return
        kinds = "".join("n" if isinstance(e[0], str) else "m" for e in run)
        if block := re.search(r"(?<!m)(m{2,})(n{2,})", kinds):
            names, values = run[block.start(1) : block.end(1)], run[block.start(2) : block.end(2)]
            if len(names) == len(values):
                for (mention, _, part), (value, place, _) in zip(names, values, strict=True):
                    if isinstance(value, str) and not isinstance(mention, str):
                        note = "ชื่ออยู่รวมกันและตัวเลขอยู่รวมกัน จับคู่ตามลำดับเท่านั้น"
                        self.ledger.give(mention, value, place, part=part, sure=False, note=note)
            return
        number_first = len(before_name) > len(after_name)
        unclear = len(before_name) == len(after_name) and isinstance(run[0][0], str)
        for at in before_name if number_first else after_name:
            mention, _, part = run[at + 1 if number_first else at - 1]
            value, place, _ = run[at]
            if isinstance(value, str) and not isinstance(mention, str):
                note = "ตัวเลขกับชื่ออยู่คนละบรรทัด และไม่ชัดว่าตัวใดคู่กับตัวใด" if unclear else ""
                self.ledger.give(mention, value, place, part=part, sure=not unclear, note=note)
