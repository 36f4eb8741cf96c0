"""Signals of stuffing: which agencies' answers the office should look into first, why, and what to do.

Read from the same rows that are sealed, an agency's form at a time; what is kept of a form are counts, shares and a
mean, and nothing of a respondent. A signal is a reason to ask, never a finding: no answer is changed or dropped.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import load_round_framework
from prongsai.survey.models import Channel, Population, Response
from prongsai.survey.queries import (
    MIN_GROUP_SIZE,
    count_received,
    count_refused,
    describe_patterns,
    list_points,
    summarize_answers,
)

# What one signal alone reaches in 1 of 100 agencies where nobody stuffs, and what the strongest of them reaches in
# multiples of its own limit: measured on an invented nation by bench/stuffing.py; the table is in docs/privacy.md.
LIMITS: Mapping[str, float] = {"copies": 0.031, "straight": 0.11, "perfect": 0.22, "peers": 2.0, "others": 2.6}
COMBINED_LIMIT = 1.22
MAD_TO_DEVIATION = 1.4826  # of a normal distribution


@dataclass(frozen=True)
class Measures:
    """Of one form of an agency: how many answers, which share of them is the same, chooses one place everywhere, or
    takes full points, and the mean points."""

    answers: int
    copies: float
    straight: float
    perfect: float
    mean: float


@dataclass(frozen=True, kw_only=True)
class Signal:
    """What the office is shown of one form. ``weight`` ranks: what is certain comes before what is odd."""

    agency: Agency
    instrument: str
    weight: float
    reasons: tuple[str, ...]
    advice: str


def measure_vectors(vectors: Counter[bytes], points: list[npt.NDArray[np.int64]]) -> Measures:
    """The measures of a form from how often each questionnaire occurs; ``points`` by column and option."""
    total = vectors.total()
    different = np.frombuffer(b"".join(vectors), np.uint8).reshape(len(vectors), -1)
    times = np.fromiter(vectors.values(), np.int64, len(vectors))
    scores = np.stack([p[different[:, k]] for k, p in enumerate(points)], axis=1)
    is_perfect = (scores == [p.max() for p in points]).all(axis=1)
    is_straight = (different == different[:, :1]).all(axis=1)
    others = times[~is_perfect & ~is_straight]
    return Measures(
        answers=total,
        copies=float(others.max() - 1) / total if others.size else 0.0,
        straight=float(times[is_straight & ~is_perfect].sum()) / total,
        perfect=float(times[is_perfect].sum()) / total,
        mean=float((scores.mean(axis=1) * times).sum()) / total,
    )


def compare_with_nation(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How far each value lies above the middle of the nation, in robust standard deviations: a tenth of the nation that
    stuffs does not move the measure by which it is found."""
    known = values[~np.isnan(values)]
    if known.size < MIN_GROUP_SIZE:
        return np.full(values.shape, np.nan)
    middle = np.median(known)
    deviation = MAD_TO_DEVIATION * np.median(np.abs(known - middle))
    return (values - middle) / deviation if deviation > 0 else np.full(values.shape, np.nan)


def find_strengths(
    measures: Mapping[str, npt.NDArray[np.float64]], others: npt.NDArray[np.float64]
) -> dict[str, npt.NDArray[np.float64]]:
    """Every signal of one form in multiples of its limit, by agency: ``measures`` are columns of Measures, ``others``
    the mean points of the agencies' other forms (NaN where there is none)."""
    values = {name: measures[name] for name in ("copies", "straight", "perfect")}
    values["peers"] = compare_with_nation(measures["mean"])
    values["others"] = compare_with_nation(measures["mean"] - others)
    return {name: np.nan_to_num(value) / LIMITS[name] for name, value in values.items()}


def combine(strengths: Mapping[str, npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
    """The strongest signal of each agency."""
    strongest: npt.NDArray[np.float64] = np.max(np.stack(list(strengths.values())), axis=0)
    return strongest


# --- the office's page

_WHAT_TO_DO_ABOVE = (
    "ให้หน่วยงานยืนยันจำนวนบุคลากรพร้อมหลักฐาน แล้วปิดช่องทางเดิมและแจกบัตรใหม่ตามจำนวนจริง ถ้ายืนยันไม่ได้ ให้บันทึกไว้กับผล ไม่ลบคำตอบ"
)
_WHAT_TO_DO_REFUSED = (
    "ถามหน่วยงานว่าแจ้งจำนวนคนต่ำไปหรือพิมพ์บัตรเกิน ถ้าต่ำไปให้แก้จำนวน บัตรเดิมใช้ได้ ถ้าจำนวนถูกแล้ว มีผู้ใช้บัตรของคนอื่น ให้สอบวิธีแจกบัตร"
)
_WHAT_TO_DO_EQUAL = "ครบทุกคนพอดีเกิดได้จริงในหน่วยงานเล็ก ถามว่าแจกและเก็บบัตรอย่างไร"
_WHAT_TO_DO_ODD = "ดูว่าแจกลิงก์หรือบัตรอย่างไร ใครกรอก และเทียบกับปีก่อน อย่าสรุปจากตัวเลขอย่างเดียว และอย่าถามว่าใครตอบอะไร"
_ABOVE, _REFUSED, _EQUAL, _PATTERN = 3000.0, 2000.0, 50.0, 1.0
MIN_POPULATION_FOR_EQUAL = 10  # in a smaller office everybody can be reached


def _describe(name: str, value: float, answers: int) -> str:
    count = round(value * answers)
    return {
        "copies": f"{count + 1} จาก {answers} ชุดตอบเหมือนกันทุกข้อ",
        "straight": f"{count} จาก {answers} ชุดเลือกตัวเลือกลำดับเดียวกันทุกข้อ",
        "perfect": f"{count} จาก {answers} ชุดให้คะแนนเต็มทุกข้อ",
        "peers": f"คะแนนสูงกว่ากลางของประเทศ {value:.1f} เท่าของส่วนเบี่ยงเบน",
        "others": f"คะแนนสูงกว่าแบบวัดอื่นของหน่วยงานเดียวกันผิดปกติ {value:.1f} เท่าของส่วนเบี่ยงเบน",
    }[name]


def find_signals(assessment_round: Round) -> list[Signal]:
    """Every form with a signal, the most pressing first. Reads one form at a time, so that memory is bounded."""
    framework = load_round_framework(assessment_round)
    groups: dict[tuple[int, str], list[Channel]] = {}
    for channel in Channel.objects.filter(round=assessment_round).select_related("agency"):
        groups.setdefault((channel.agency_id, channel.instrument), []).append(channel)
    counted = _find_counted_reasons(assessment_round)
    measured: dict[tuple[int, str], Measures] = {}
    patterns: dict[tuple[int, str], list[str]] = {}
    for key, channels in groups.items():
        if Response.objects.filter(channel__in=channels).count() >= MIN_GROUP_SIZE:
            summary = summarize_answers(framework, key[1], channels)
            measured[key] = measure_vectors(summary.vectors, list_points(framework, key[1]))
            patterns[key] = describe_patterns(summary)
    odd = _find_odd_reasons(measured)
    signals = []
    for key, channels in groups.items():
        sources = [counted.get(key), odd.get(key), _from_patterns(patterns.get(key, []))]
        found = [source for source in sources if source is not None]
        if found:
            signals.append(
                Signal(
                    agency=channels[0].agency,
                    instrument=key[1],
                    weight=max(weight for weight, _, _ in found),
                    reasons=tuple(dict.fromkeys(text for _, texts, _ in found for text in texts)),
                    advice=max(found)[2],
                )
            )
    return sorted(signals, key=lambda s: (-s.weight, s.agency.code, s.instrument))


Reason = tuple[float, list[str], str]  # weight, texts, what to do


def _from_patterns(texts: list[str]) -> Reason | None:
    return (_PATTERN, texts, _WHAT_TO_DO_ODD) if texts else None


def _find_counted_reasons(assessment_round: Round) -> dict[tuple[int, str], Reason]:
    """What needs no statistics: more answers than people, cards that were refused, everybody to the last."""
    received, refused = count_received(assessment_round), count_refused(assessment_round)
    found: dict[tuple[int, str], Reason] = {}
    rows = Population.objects.filter(round=assessment_round).values_list("agency", "instrument", "size")
    for agency, instrument, size in rows:
        key, n = (agency, instrument), received[agency, instrument]
        if n > size:
            found[key] = (_ABOVE + n / size, [f"คำตอบ {n:,} ชุด มากกว่าจำนวนคน {size:,} คน"], _WHAT_TO_DO_ABOVE)
        elif n == size and n >= MIN_POPULATION_FOR_EQUAL:
            found[key] = (_EQUAL, [f"คำตอบเท่าจำนวนคนพอดี {n:,} ชุด"], _WHAT_TO_DO_EQUAL)
    for key, cards in refused.items():
        weight, texts, advice = found.get(key, (0.0, [], _WHAT_TO_DO_REFUSED))
        is_above = weight >= _ABOVE
        texts = [*texts, f"ปฏิเสธบัตร {cards:,} ใบ เพราะคำตอบครบตามจำนวนคนแล้ว"]
        found[key] = (max(weight, _REFUSED + cards), texts, advice if is_above else _WHAT_TO_DO_REFUSED)
    return found


def _find_odd_reasons(measured: Mapping[tuple[int, str], Measures]) -> dict[tuple[int, str], Reason]:
    """Forms whose strongest signal is beyond what one agency in a hundred reaches by chance."""
    found: dict[tuple[int, str], Reason] = {}
    means: dict[int, dict[str, float]] = defaultdict(dict)
    for (agency, instrument), m in measured.items():
        means[agency][instrument] = m.mean
    for instrument in {instrument for _, instrument in measured}:
        keys = [key for key in measured if key[1] == instrument]
        rows = [measured[key] for key in keys]
        columns = {
            name: np.array([getattr(m, name) for m in rows], float)
            for name in ("copies", "straight", "perfect", "mean")
        }
        others = np.array([_mean_of_others(means[agency], instrument) for agency, _ in keys])
        strengths = find_strengths(columns, others)
        for row, strongest in enumerate(combine(strengths)):
            if strongest >= COMBINED_LIMIT:
                texts = list(_describe_strengths(strengths, row, rows[row].answers))
                found[keys[row]] = (float(strongest), texts, _WHAT_TO_DO_ODD)
    return found


def _describe_strengths(strengths: Mapping[str, npt.NDArray[np.float64]], row: int, answers: int) -> Iterator[str]:
    for name, values in strengths.items():
        if values[row] >= 1:
            yield _describe(name, float(values[row]) * LIMITS[name], answers)


def _mean_of_others(means: Mapping[str, float], instrument: str) -> float:
    others = [mean for name, mean in means.items() if name != instrument]
    return sum(others) / len(others) if others else float("nan")
