"""Keys that are split: any sufficient set of shares opens, any smaller one tells nothing, and a file that was damaged,
mistyped or forged is noticed."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prongsai.survey.actions import _public_key_of
from prongsai.survey.key_shares import (
    PRIME,
    Share,
    ShareError,
    join_secret,
    join_shares,
    read_share,
    split_secret,
    write_share,
)

SECRETS = st.binary(min_size=32, max_size=32)


@st.composite
def splits(draw):
    """A secret, its shares by number, the threshold, and a set of numbers that suffices."""
    secret, holders = draw(SECRETS), draw(st.integers(1, 9))
    threshold = draw(st.integers(1, holders))
    values = dict(enumerate(split_secret(secret, holders=holders, threshold=threshold), 1))
    chosen = draw(st.permutations(sorted(values)))[:threshold]
    return secret, values, threshold, chosen


def solve(points):
    """The value at zero of the polynomial through some points, found in another way than the house finds it: the
    equations for its coefficients, solved by elimination."""
    numbers = sorted(points)
    rows = [[pow(x, k, PRIME) for k in range(len(numbers))] + [points[x]] for x in numbers]
    for column in range(len(rows)):
        pivot = next(r for r in range(column, len(rows)) if rows[r][column])
        rows[column], rows[pivot] = rows[pivot], rows[column]
        inverse = pow(rows[column][column], PRIME - 2, PRIME)
        rows[column] = [v * inverse % PRIME for v in rows[column]]
        for r, row in enumerate(rows):
            if r != column and row[column]:
                rows[r] = [(a - row[column] * b) % PRIME for a, b in zip(row, rows[column], strict=True)]
    return rows[0][-1]


@given(splits())
def test_any_sufficient_set_of_shares_gives_the_key_back(split):
    secret, values, _, chosen = split
    points = {n: values[n] for n in chosen}
    assert join_secret(points) == secret
    assert solve(points) == int.from_bytes(secret)


@given(splits(), SECRETS)
def test_one_share_too_few_fits_every_key(split, other):
    """Whoever holds one too few can complete them to any key, so they tell nothing about the real one."""
    _, values, threshold, chosen = split
    held = {n: values[n] for n in chosen[:-1]}
    assert len(held) == threshold - 1
    # the share of the missing institution if the other key were the right one
    basis = {0: int.from_bytes(other), **held}
    missing = next(n for n in range(1, 99) if n not in held)
    forged = sum(value * _basis_at(missing, x, basis) for x, value in basis.items()) % PRIME
    assert solve({**held, missing: forged}) == int.from_bytes(other)


def _basis_at(at, x, points):
    result = 1
    for other in points:
        if other != x:
            result = result * (at - other) * pow(x - other, PRIME - 2, PRIME) % PRIME
    return result


def test_coefficients_are_drawn_anew():
    """The same key split twice has other shares, and no share is the key."""
    first, second = (split_secret(bytes(31) + b"\x05", holders=5, threshold=3) for _ in range(2))
    assert not set(first) & set(second)
    assert 5 not in first + second


def test_the_field_is_a_field():
    """By Fermat's test to forty bases: inverses exist."""
    assert all(pow(base, PRIME - 1, PRIME) == 1 for base in range(2, 42))
    assert PRIME > 2**256


@pytest.mark.parametrize(("holders", "threshold"), [(0, 0), (3, 0), (2, 3), (21, 2)])
def test_impossible_thresholds_are_refused(holders, threshold):
    with pytest.raises(ShareError, match="จำนวนส่วน"):
        split_secret(bytes(32), holders=holders, threshold=threshold)


# --- files


def make_shares(secret=bytes(range(32)), holders=4, threshold=3, **more):
    values = split_secret(secret, holders=holders, threshold=threshold)
    return [
        Share(
            **{
                "assessment": "ita",
                "fiscal_year": 2570,
                "public_key": _public_key_of(secret),
                "holder": f"สถาบันทดสอบที่ {number}",
                "number": number,
                "holders": holders,
                "threshold": threshold,
                "value": value,
            }
            | more
        )
        for number, value in enumerate(values, 1)
    ]


def test_a_share_is_read_as_it_was_written():
    for share in make_shares():
        text = write_share(share)
        assert read_share(text) == share
        assert read_share("\ufeff" + text.replace("\n", "\r\n")) == share  # saved by another editor
        assert share.holder in text


def test_every_wrong_letter_is_noticed():
    """A share that was typed in again from paper: each letter of its lines changed, one at a time."""
    share = make_shares()[1]
    text = write_share(share)
    body = text.index("assessment:")
    for place in range(body, len(text)):
        if text[place].isspace() or text[place] == ":":
            continue
        wrong = text[:place] + ("7" if text[place] != "7" else "8") + text[place + 1 :]
        with pytest.raises(ShareError):
            read_share(wrong)


@pytest.mark.parametrize(
    "text", ["", "prongsai key share 1", "prongsai key share 1\nchecksum: e3b0c442\n", "holder: x"]
)
def test_what_is_no_share_is_refused(text):
    with pytest.raises(ShareError):
        read_share(text)


def test_too_few_shares_say_how_many_are_missing():
    shares = make_shares()
    with pytest.raises(ShareError, match="ขาดอีก 1"):
        join_shares([*shares[:2], shares[0]], _public_key_of)  # the same one twice is one
    with pytest.raises(ShareError, match="ไม่มีไฟล์"):
        join_shares([], _public_key_of)


def test_shares_of_two_keys_are_not_mixed():
    with pytest.raises(ShareError, match="คนละดอก"):
        join_shares([*make_shares()[:2], make_shares(secret=bytes(32))[2]], _public_key_of)


def test_a_forged_share_does_no_harm_beside_enough_that_are_right():
    secret = bytes(range(32))
    shares = make_shares(secret)
    forged = dataclasses.replace(shares[0], value=PRIME - 1)
    assert join_shares([forged, *shares[1:]], _public_key_of) == secret
    with pytest.raises(ShareError, match="ถูกแก้"):
        join_shares([forged, *shares[1:3]], _public_key_of)
