"""The arithmetic audit: for every printed figure, do the year's rules reproduce it?

Verdicts: *reproduced* (the other printed figures give exactly this one), *rounding* (they give it once their own
rounding is allowed for), *contradicted* (no true values behind the other figures give it), *undetermined* (too little
is printed to say, or the rule it would need is itself only inferred and does not fit).

``claims`` states the figures and the rules as a system of linear equations, ``constraints`` solves it, ``diagnosis``
decides which figures cannot stand, ``verdicts`` and ``statements`` judge each figure, ``wording_th`` holds the Thai.
"""

from prongsai.analysis.audit.check import Check, Verdict
from prongsai.analysis.audit.verdicts import audit, summary
from prongsai.analysis.audit.wording_th import VERDICT_TH

__all__ = ["VERDICT_TH", "Check", "Verdict", "audit", "summary"]
