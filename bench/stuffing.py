"""How many stuffed agencies the office's signals find at 1 % false alarms, on an invented nation: make bench-stuffing.

Nobody is in the numbers: agencies, staff and visitors are drawn from distributions with a fixed seed. The limits of
``survey/signals.py`` are what this prints for a nation in which nobody stuffs.
"""

import os
from collections import Counter
from collections.abc import Callable

import django
import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prongsai.settings")
django.setup()

from prongsai.survey.signals import COMBINED_LIMIT, LIMITS, combine, find_strengths, measure_vectors  # noqa: E402

AGENCIES, QUESTIONS, OPTIONS, STUFFED = 4000, 15, 6, 400
FALSE_ALARMS = 0.01
POINTS = [np.arange(OPTIONS) * 20] * QUESTIONS
BEST = OPTIONS - 1
COLUMNS = ("copies", "straight", "perfect", "mean")
Answers = np.ndarray  # people x questions, index of the option


def draw_answers(random: np.random.Generator, people: int, level: float) -> Answers:
    """Answers of one form: an agency's level, each person's own, and what differs between questions; one in twenty
    chooses the same place everywhere."""
    latent = level + random.normal(0, 0.8, (people, 1)) + random.normal(0, 0.75, (people, QUESTIONS))
    answers = np.clip(np.rint(latent), 0, BEST).astype(np.uint8)
    is_straight = random.random(people) < 0.05
    answers[is_straight] = answers[is_straight, :1]
    return answers


def draw_nation(random: np.random.Generator) -> list[tuple[Answers, Answers]]:
    """The staff's and the visitors' answers of every agency, whose levels go together."""
    nation = []
    for _ in range(AGENCIES):
        level = random.normal(4.1, 0.35)
        sizes = 30 + random.geometric(1 / 25, 2)
        levels = (level, level - 0.1 + random.normal(0, 0.3))
        staff, visitors = (draw_answers(random, int(n), m) for n, m in zip(sizes, levels, strict=True))
        nation.append((staff, visitors))
    return nation


# --- ways to stuff: a share of the answers that are counted in the end, or of the points between


def add_perfect(_: np.random.Generator, answers: Answers, share: float) -> Answers:
    return np.vstack([answers, np.full((round(len(answers) * share / (1 - share)), QUESTIONS), BEST, np.uint8)])


def add_copies(random: np.random.Generator, answers: Answers, share: float) -> Answers:
    """One good questionnaire, sent again and again."""
    good = np.clip(BEST - (random.random(QUESTIONS) < 0.3), 0, BEST).astype(np.uint8)
    return np.vstack([answers, np.tile(good, (round(len(answers) * share / (1 - share)), 1))])


def replace_all(random: np.random.Generator, answers: Answers, level: float) -> Answers:
    """All answers invented with care: each different, around a level."""
    return draw_answers(random, len(answers), level)


def raise_modestly(random: np.random.Generator, answers: Answers, share: float) -> Answers:
    """Each choice one step better with a probability."""
    return np.minimum(answers + (random.random(answers.shape) < share), BEST).astype(np.uint8)


WAYS: tuple[tuple[str, Callable[..., Answers], tuple[float, ...]], ...] = (
    ("added perfect answers, share", add_perfect, (0.1, 0.3, 0.5)),
    ("added copies, share", add_copies, (0.1, 0.3, 0.5)),
    ("all replaced, level of 0-5", replace_all, (4.6, 4.9, 5.2)),
    ("each choice raised, probability", raise_modestly, (0.2, 0.5, 0.8)),
)


def measure(answers: Answers) -> list[float]:
    found = measure_vectors(Counter(map(bytes, answers)), POINTS)
    return [getattr(found, name) for name in COLUMNS]


def find(staff: np.ndarray, visitors: np.ndarray) -> dict[str, np.ndarray]:
    """Strength of each signal, and combined, in multiples of the limits in use."""
    strengths = find_strengths(dict(zip(COLUMNS, staff.T, strict=True)), visitors)
    return strengths | {"combined": combine(strengths)}


def main() -> None:
    random = np.random.default_rng(2570)
    nation = draw_nation(random)
    staff = np.array([measure(s) for s, _ in nation])
    visitors = np.array([measure(v)[COLUMNS.index("mean")] for _, v in nation])
    clean = find(staff, visitors)
    exact = {name: float(np.quantile(value, 1 - FALSE_ALARMS)) for name, value in clean.items()}
    print(f"invented nation: {AGENCIES} agencies, mean {staff[:, -1].mean():.1f} points")
    print("limits at 1 % false alarms (in use):")
    for name, limit in LIMITS.items():
        print(f"  {name:9} {exact[name] * limit:.3f} ({limit})")
    print(f"  {'combined':9} {exact['combined']:.3f} ({COMBINED_LIMIT})")
    in_use = dict.fromkeys(LIMITS, 1.0) | {"combined": COMBINED_LIMIT}
    rates = {name: float((value >= in_use[name]).mean()) for name, value in clean.items()}
    print("false alarms with the limits in use: " + ", ".join(f"{n} {r:.1%}" for n, r in rates.items()))
    print("| way | size | mean raised by | " + " | ".join(clean) + " |")
    print("|---" * (len(clean) + 3) + "|")
    chosen = random.choice(AGENCIES, STUFFED, replace=False)
    for label, stuff, sizes in WAYS:
        for size in sizes:
            stuffed = staff.copy()
            stuffed[chosen] = [measure(stuff(random, nation[a][0], size)) for a in chosen]
            gain = (stuffed[chosen, -1] - staff[chosen, -1]).mean()
            found = {name: (value[chosen] >= in_use[name]).mean() for name, value in find(stuffed, visitors).items()}
            print(f"| {label} | {size} | {gain:.1f} | " + " | ".join(f"{r:.0%}" for r in found.values()) + " |")


if __name__ == "__main__":
    main()
