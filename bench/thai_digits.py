"""Teaches the two networks of ``prongsai.intake.thai_digits`` glyphs of the shipped fonts, and says how many they know.

    python -m bench.thai_digits [N]

Each of N glyphs a class (3,000) is drawn askew, slanted, blurred, with noise and through JPEG, as scans have them; a
tenth as many that were not learnt are asked for.
"""

import io
import sys
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from prongsai.intake import scans, thai_digits
from prongsai.lib.typeset import FONTS

Floats = NDArray[np.float32]

_HIDDEN, _ROUNDS, _BATCH, _STEP = 96, 14, 128, 1e-3
_DIGITS = "๐๑๒๓๔๕๖๗๘๙"
_CONSONANTS = [chr(code) for code in range(0x0E01, 0x0E2F)]
_OTHERS = [
    *_CONSONANTS * 3,
    *(c + mark for c in _CONSONANTS for mark in ("ิ", "ี", "่", "้", "ุ", "ู", "ั", "์", "ี่", "ื้")),
    *"ะาำเแโใไๆฯ" * 12,
    *"0123456789" * 12,
    *"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" * 3,
    *"()/%+-–:;|\"'" * 6,
]


def draw(text: str, random: Random) -> Image.Image | None:
    """A glyph as a scan has it, cut out; None where nothing of it is dark."""
    font = ImageFont.truetype(str(random.choice(sorted(FONTS.glob("*.ttf")))), random.randint(19, 44))
    page = Image.new("L", (150, 120), 255)
    ImageDraw.Draw(page).text((60, 30), text, font=font, fill=random.randint(0, 60))
    page = page.rotate(random.uniform(-2.5, 2.5), Image.Resampling.BICUBIC, fillcolor=255)
    slant = random.uniform(-0.08, 0.08)
    page = page.transform(page.size, Image.Transform.AFFINE, (1, slant, -slant * 60, 0, 1, 0), 2, fillcolor=255)
    scale = random.choice((1, 1, 0.8, 0.65))
    page = page.resize((round(150 * scale), round(120 * scale)), Image.Resampling.BILINEAR)
    page = page.filter(ImageFilter.GaussianBlur(random.uniform(0, 0.9)))
    noise = Image.frombytes("L", page.size, random.randbytes(page.width * page.height))
    page = Image.blend(page, noise, random.uniform(0, 0.07))
    out = io.BytesIO()
    page.save(out, "JPEG", quality=random.randint(45, 90))
    page = Image.open(out).resize((round(150 * scale * 1.03), round(120 * scale * 1.03)), Image.Resampling.LANCZOS)
    box = page.point(lambda value: 255 * (value < scans.DARK - 15)).getbbox()
    return page.crop(box) if box else None


def draw_all(number: int, random: Random) -> tuple[list[Floats], NDArray[np.int64]]:
    """What each network sees of glyphs, and their classes."""
    seen: list[list[Floats]] = [[], []]
    classes: list[int] = []
    for _ in range(number):
        for digit in range(len(_DIGITS) + 4):
            text = _DIGITS[digit] if digit < len(_DIGITS) else random.choice(_OTHERS)
            glyph = draw(text, random)
            if glyph is None:
                continue
            tallest = round(glyph.height * random.choice((1, 1, 1.1, 1.25, 1.4, 1.6)))
            for network in range(2):
                seen[network].append(thai_digits.describe(glyph, tallest, network))
            classes.append(min(digit, thai_digits.OTHER))
    return [np.stack(s) for s in seen], np.array(classes)


def learn(seen: Floats, classes: NDArray[np.int64], generator: np.random.Generator) -> list[Floats]:
    """The weights of one network, by Adam."""
    sizes = ((seen.shape[1], _HIDDEN), (_HIDDEN, thai_digits.OTHER + 1))
    weights = []
    for before, after in sizes:
        weights += [generator.normal(0, (2 / before) ** 0.5, (before, after)).astype(np.float32)]
        weights += [np.zeros(after, dtype=np.float32)]
    means, squares = [np.zeros_like(w) for w in weights], [np.zeros_like(w) for w in weights]
    step = 0
    for turn in range(_ROUNDS):
        order = generator.permutation(len(seen))
        rate = _STEP * (0.5 if turn > _ROUNDS * 0.6 else 1) * (0.4 if turn > _ROUNDS * 0.85 else 1)
        for start in range(0, len(order), _BATCH):
            some = order[start : start + _BATCH]
            x = seen[some]
            hidden = np.maximum(x @ weights[0] + weights[1], 0)
            error = thai_digits.forward(weights, x)
            error[np.arange(len(some)), classes[some]] -= 1
            error /= len(some)
            back = (error @ weights[2].T) * (hidden > 0)
            step += 1
            for n, slope in enumerate((x.T @ back, back.sum(axis=0), hidden.T @ error, error.sum(axis=0))):
                slope = slope + 1e-5 * weights[n]
                means[n] = 0.9 * means[n] + 0.1 * slope
                squares[n] = 0.999 * squares[n] + 0.001 * slope**2
                weights[n] -= rate * (means[n] / (1 - 0.9**step)) / (np.sqrt(squares[n] / (1 - 0.999**step)) + 1e-8)
    return weights


def main(number: int) -> None:
    generator = np.random.default_rng(1)
    seen, classes = draw_all(number, Random(1))
    networks = [learn(s, classes, generator) for s in seen]
    stored = {f"{n}/{k}": w.astype(np.float16) for n, ws in enumerate(networks) for k, w in enumerate(ws)}
    np.savez_compressed(thai_digits.WEIGHTS, **stored)  # type: ignore[arg-type]
    asked, right = draw_all(max(number // 10, 1), Random(2))
    shares = [thai_digits.forward(w, a) for w, a in zip(networks, asked, strict=True)]
    best = ((shares[0] + shares[1]) / 2).argmax(axis=1)
    both = (shares[0].argmax(1) == shares[1].argmax(1)) & (np.minimum(shares[0].max(1), shares[1].max(1)) >= 0.9)
    digits = right < thai_digits.OTHER
    print(f"digits: {100 * (best == right)[digits].mean():.2f} % of {digits.sum()} known")
    print(f"  clear: {100 * both[digits].mean():.1f} %, of these wrong: {(both & digits & (best != right)).sum()}")
    print(f"others: {100 * (best == right)[~digits].mean():.2f} % of {(~digits).sum()} taken for no digit")
    print(f"{Path(thai_digits.WEIGHTS).stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 3000)
