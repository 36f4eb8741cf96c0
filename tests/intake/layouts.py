"""Results of invented agencies, drawn at random, in the layouts that offices print them in, with what they say."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random

from prongsai.framework import Framework
from prongsai.intake import Row
from prongsai.scoring import complete_scores, find_possible_bands, round_score
from tests.intake.reading import FRAMEWORKS

PLACES = ("ห้วยสมมุติ", "ทุ่งสมมุติ", "ดอยสมมุติ", "หนองสมมุติ", "บ้านสมมุติ", "ท่าสมมุติ", "ในสมมุติ", "คลองสมมุติ")
LOCAL = ("องค์การบริหารส่วนตำบล", "เทศบาลตำบล", "เทศบาลเมือง", "เทศบาลนคร", "อบต.", "ทต.")
OTHERS = ("มหาวิทยาลัย", "วิทยาลัย", "โรงพยาบาล", "กรม", "สถาบัน")
YEARS = tuple(y for y in FRAMEWORKS if 2563 <= y <= 2568)

Truth = set[tuple[int, str, str]]


@dataclass
class Result:
    """The scores of one agency in one year, as they are printed."""

    framework: Framework
    shown: dict[str, str]
    exact: dict[str, Fraction]

    @property
    def year(self) -> int:
        return self.framework.fiscal_year

    @property
    def level(self) -> str:
        return find_possible_bands(self.framework, self.exact)[0].id

    @property
    def indicators(self) -> dict[str, str]:
        """Ids and names of the indicators that have one score."""
        split = {i.id for i in self.framework.indicators_with_parts()}
        return {i.id: i.label.th for i in self.framework.rules.indicators if i.id not in split}

    @property
    def split(self) -> dict[str, str]:
        return {i.id: i.label.th for i in self.framework.indicators_with_parts()}

    @property
    def instruments(self) -> list[str]:
        return [i.id for i in self.framework.rules.instruments]

    def truth(self, *nodes: str) -> Truth:
        return {(self.year, n, self.shown[n]) for n in nodes}


@dataclass
class Document:
    """Lines (a list is the row of a table), and what they say of each agency; the first is the one they are about."""

    lines: list[str | list[str]]
    truth: dict[str, Truth]
    more: Truth = field(default_factory=set)  # changes, which may be read too
    others: dict[str, Truth] = field(default_factory=dict)  # of agencies spoken of beside it, which may be read too

    def rows(self) -> list[Row]:
        rows, table = [], 0
        for at, line in enumerate(self.lines):
            if isinstance(line, str):
                rows.append(Row((line,), f"บรรทัด {at + 1}"))
                continue
            if not at or isinstance(self.lines[at - 1], str):
                table += 1
            rows.append(Row(tuple(line), f"บรรทัด {at + 1}", table))
        return rows


def result(random: Random, year: int) -> Result:
    framework = FRAMEWORKS[year]
    split = {i.id for i in framework.indicators_with_parts()}
    leaves = {
        node.id: Fraction(random.randint(5500, 9999), 100)
        for node in framework.nodes.values()
        if node.kind == "part_indicator" or (node.kind == "indicator" and node.id not in split)
    }
    exact = complete_scores(framework, leaves)
    return Result(framework, {n: str(round_score(framework, v)) for n, v in exact.items()}, exact)


def agency(random: Random, kinds: tuple[str, ...] = LOCAL + OTHERS, but: str = "") -> str:
    while (name := random.choice(kinds) + random.choice(PLACES)).endswith(but[-8:] or "-"):
        pass
    return name


def title(random: Random, year: int, name: str) -> list[str]:
    words = random.choice(
        (
            "ผลการประเมินคุณธรรมและความโปร่งใส (ITA) ประจำปีงบประมาณ พ.ศ. {}",
            "ผลการประเมิน ITA ปีงบประมาณ พ.ศ. {}",
            "รายงานการวิเคราะห์ผลการประเมินคุณธรรมและความโปร่งใสในการดำเนินงานของหน่วยงานภาครัฐ ปี {}",
            "สรุปผลคะแนน ITA ปี {}",
        )
    ).format(year)
    return random.choice(([f"{words} {name}"], [words, name], [name, words], [f"{words} ของ{name}"]))


def table(random: Random) -> Document:
    """One row an indicator, the total below or above."""
    scored, name = result(random, random.choice(YEARS)), agency(random)
    year = random.choice(("", f" ปี {scored.year}"))
    rows = [
        [str(at), label, scored.shown[i]]
        for at, (i, label) in enumerate(random.sample(sorted(scored.indicators.items()), 5), 1)
    ]
    nodes = [i for i, label in scored.indicators.items() if any(label == r[1] for r in rows)]
    total = ["", random.choice(("คะแนนรวม", "ภาพรวม", "คะแนนรวมทั้งหมด")), scored.shown["overall"]]
    head = ["ลำดับ", "ตัวชี้วัด", f"คะแนน{year}"]
    body = random.choice(([head, *rows, total], [head, total, *rows]))
    return Document([*title(random, scored.year, name), *body], {name: scored.truth("overall", *nodes)})


def two_levels(random: Random) -> Document:
    """The parts of a survey side by side under one head."""
    scored, name = result(random, random.choice([y for y in YEARS if y >= 2566])), agency(random)
    over = random.choice((f"คะแนน EIT ปี {scored.year}", "EIT", "คะแนน"))
    heads = random.choice(
        (
            [["ตัวชี้วัด", over, ""], ["", "ส่วนที่ 1", "ส่วนที่ 2"]],
            [["ตัวชี้วัด", "EIT ส่วนที่ 1", "EIT ส่วนที่ 2"]],
            [["ตัวชี้วัด", over, ""], ["", "ส่วส่ นที่ 1", "ส่วส่ นที่ 2"]],
            [["ตัวชี้วัด", over, ""], ["", "สxน 1", "สxน 2"]],  # damaged beyond repair: to be unsure of
        )
    )
    rows = [
        [f"{i}. {label}", scored.shown[f"EIT1/{i}"], scored.shown[f"EIT2/{i}"]] for i, label in scored.split.items()
    ]
    nodes = [f"EIT{part}/{i}" for i in scored.split for part in (1, 2)]
    lines = [*title(random, scored.year, name), f"คะแนนรวม {scored.shown['overall']} คะแนน", *heads, *rows]
    return Document(lines, {name: scored.truth("overall", *nodes)})


def cards(random: Random) -> Document:
    """Names and numbers each on a line of its own."""
    scored, name = result(random, random.choice(YEARS)), agency(random)
    lines: list[str | list[str]] = [*title(random, scored.year, name)]
    for node in scored.instruments:
        lines += [node, scored.shown[node]]
    lines += [f"คะแนนรวม {scored.shown['overall']} คะแนน"]
    return Document(lines, {name: scored.truth("overall", *scored.instruments)})


def shares(random: Random) -> Document:
    """What each instrument gives to the total; none of it is a score of an instrument."""
    scored, name = result(random, random.choice([y for y in YEARS if y < 2566])), agency(random)
    lines: list[str | list[str]] = [*title(random, scored.year, name)]
    for instrument in scored.framework.rules.instruments:
        share = scored.exact[instrument.id] * Fraction(instrument.weight, 10_000)
        lines += [instrument.id, f"{float(share):.2f}"]
    lines += [f"คะแนนรวม {scored.shown['overall']} คะแนน"]
    nodes = list(scored.indicators)
    if random.random() < 0.7:
        lines += [f"{label} {scored.shown[i]}" for i, label in scored.indicators.items()]
    else:
        nodes = []
    return Document(lines, {name: scored.truth("overall", *nodes)})


def prose(random: Random) -> Document:
    """Told in sentences, in any order."""
    scored, name = result(random, random.choice(YEARS)), agency(random)
    told = [
        random.choice(
            (
                f"{name} ได้คะแนนรวม {scored.shown['overall']} คะแนน",
                f"{name}ได้รับผลการประเมินภาพรวม {scored.shown['overall']} คะแนน",
                f"ผลการประเมินภาพรวมของ{name} เท่ากับ {scored.shown['overall']} คะแนน",
            )
        )
    ]
    some = random.sample(sorted(scored.indicators.items()), 4)
    spoken = [f"{label} {scored.shown[i]} คะแนน" for i, label in some]
    told.append(random.choice(("คะแนนรายตัวชี้วัดเรียงจากมากไปน้อย ", "โดยมีคะแนนรายตัวชี้วัด ดังนี้ ", "")) + " ".join(spoken))
    told.append("แบบวัด IIT ได้ " + scored.shown["IIT"] + " คะแนน แบบตรวจ OIT ได้ " + scored.shown["OIT"] + " คะแนน")
    truth = scored.truth("overall", "IIT", "OIT", *(i for i, _ in some))
    return Document([*title(random, scored.year, name), *told], {name: truth})


def history(random: Random) -> Document:
    """The totals of several years, with levels or without."""
    name = agency(random)
    results = [result(random, y) for y in sorted(random.sample(YEARS, 4), reverse=random.random() < 0.5)]
    spare = random.choice(("–", "ไม่ระบุ", "ดี", ""))
    with_levels = random.random() < 0.5
    rows = [[str(r.year), r.shown["overall"], r.level if with_levels else spare] for r in results]
    lines = [f"ผลคะแนน ITA ย้อนหลัง {name}", ["ปีงบประมาณ", "คะแนน", "ระดับ"], *rows]
    return Document(lines, {name: set().union(*(r.truth("overall") for r in results))})


def league(random: Random) -> Document:
    """Many agencies, one a row."""
    year = random.choice(YEARS)
    kind = random.choice(LOCAL[:4])
    names = [kind + place for place in random.sample(PLACES, 4)]
    results = {name: result(random, year) for name in names}
    heads = ["ลำดับ", "หน่วยงาน", "IIT", "OIT", "คะแนนรวม", "ระดับ"]
    rows = [
        [str(at), n, r.shown["IIT"], r.shown["OIT"], r.shown["overall"], r.level]
        for at, (n, r) in enumerate(results.items(), 1)
    ]
    lines = [f"ผลการประเมิน ITA ปีงบประมาณ พ.ศ. {year} จังหวัดสมมุติบุรี", heads, *rows]
    return Document(lines, {n: r.truth("overall", "IIT", "OIT") for n, r in results.items()})


def league_of_totals(random: Random) -> Document:
    """Ranks, names and totals."""
    year = random.choice(YEARS)
    kind = random.choice(LOCAL[:4])
    results = {kind + place: result(random, year) for place in random.sample(PLACES, 5)}
    rows = [[str(at), n, r.shown["overall"]] for at, (n, r) in enumerate(results.items(), 1)]
    lines = [f"ผลการประเมิน ITA ปีงบประมาณ พ.ศ. {year}", ["อันดับ", "หน่วยงาน", "คะแนน"], *rows]
    return Document(lines, {n: r.truth("overall") for n, r in results.items()})


def browser(random: Random) -> Document:
    """A page as a browser prints it: menus and other years' links around what it is about."""
    inner = random.choice((table, prose, cards, two_levels))(random)
    year = max(y for y, *_ in next(iter(inner.truth.values())))
    others = random.sample([y for y in range(2560, 2569) if y != year], 3)
    link = random.choice(("ITA {}", "ผลการประเมิน ITA ปี {}", "ประกาศ ITA ประจำปี {}"))
    menu = random.choice((["หน้าแรก"], ["หน้าหลัก", "เกี่ยวกับเรา"], [])) + [link.format(y) for y in others]
    lines: list[str | list[str]] = [*menu, *inner.lines]
    if random.random() < 0.5:
        lines += ["ข่าวประชาสัมพันธ์", *(link.format(y) for y in others), "ติดต่อเรา", "โทร. 0 4399 1234"]
    return Document(lines, inner.truth)


def years_beside(random: Random) -> Document:
    """Two years side by side, and how far they differ."""
    name, year = agency(random), random.choice([y for y in YEARS if y not in (2563, 2566)])
    before, now = result(random, year - 1), result(random, year)
    some = [i for i in now.indicators if i in before.indicators][:5]
    rows = [
        [
            now.framework.nodes[i].label.th,
            before.shown[i],
            now.shown[i],
            f"{float(now.shown[i]) - float(before.shown[i]):+.2f}",
        ]
        for i in some
    ]
    heads = ["ตัวชี้วัด", f"ปี {year - 1}", f"ปี {year}", "ผลต่าง"]
    changes = {(year, f"change/{i}", r[3]) for i, r in zip(some, rows, strict=True)}
    lines = [*title(random, year, name), heads, *rows]
    return Document(lines, {name: before.truth(*some) | now.truth(*some)}, changes)


def beside_others(random: Random) -> Document:
    """News that tell what the country, the best, and others had."""
    kinds = random.choice((LOCAL[:4], OTHERS[:2]))
    name = agency(random, kinds)
    other = agency(random, kinds, but=name)
    scored = result(random, random.choice(YEARS))
    theirs, nation = f"{random.randint(9000, 9999) / 100:.2f}", f"{random.randint(8000, 9400) / 100:.2f}"
    rise = f"{random.randint(10, 400) / 100:.2f}"
    own = random.choice(
        (
            f"{name}ได้คะแนน {scored.shown['overall']} คะแนน",
            f"{name} ได้คะแนนรวม {scored.shown['overall']} คะแนน",
            f"{name}ได้คะแนนเฉลี่ย {scored.shown['overall']} ถือว่าผ่าน",
        )
    )
    best = random.choice(
        (
            f"ส่วนลำดับที่ 1 ของจังหวัดคือ {other} ได้ {theirs} คะแนน",
            f"รองจาก{other} ที่ได้ {theirs} คะแนน",
            f"ขณะที่ {other} ได้คะแนน {theirs} คะแนน",
            f"ทั้งนี้ {other}มีคะแนนสูงสุด {theirs} คะแนน",
        )
    )
    country = random.choice(
        (
            f"ผลการประเมินภาพรวมระดับประเทศอยู่ที่ {nation} คะแนน เพิ่มขึ้นจากปีก่อน {rise} คะแนน",
            f"ค่าเฉลี่ยของหน่วยงานทั่วประเทศ {nation} คะแนน ลดลงจากปีก่อน {rise} คะแนน",
            f"โดยมีหน่วยงานผ่านเกณฑ์ร้อยละ 90 เพิ่มขึ้นจากปีก่อน {rise}%",
        )
    )
    heading = f"ผลการประเมิน ITA ประจำปีงบประมาณ พ.ศ. {scored.year}"
    lines = random.choice(
        (
            [heading, f"{own} {best}", country],
            [heading, own, best, country],
            [f"{heading} {country}", f"{own} {best}"],
            [heading, f"{own} {country}", best],
        )
    )
    lines = [*lines, f"นายกสมาคมขอแสดงความยินดีกับ{name}"]
    return Document(lines, {name: scored.truth("overall")}, others={other: {(scored.year, "overall", theirs)}})


def sections(random: Random) -> Document:
    """Several agencies, each under a heading of its own."""
    year = random.choice(YEARS)
    kind = random.choice(LOCAL[:4])
    results = {kind + place: result(random, year) for place in random.sample(PLACES, 2)}
    lines: list[str | list[str]] = [f"ผลการประเมิน ITA ปีงบประมาณ พ.ศ. {year} รายหน่วยงาน"]
    truth = {}
    for name, scored in results.items():
        some = random.sample(sorted(scored.indicators.items()), 3)
        rows = [[label, scored.shown[i]] for i, label in some]
        lines += [name, ["ตัวชี้วัด", "คะแนน"], *rows, ["คะแนนรวม", scored.shown["overall"]]]
        truth[name] = scored.truth("overall", *(i for i, _ in some))
    return Document(lines, truth)


NOISE = (
    "เป้าหมายปี {next} คะแนนรวมไม่ต่ำกว่า 95.00 คะแนน",
    "ค่าเฉลี่ยระดับประเทศ 93.05 คะแนน",
    "น้ำหนัก IIT ร้อยละ 30 EIT ร้อยละ 30 OIT ร้อยละ 40",
    "โทร. 0 4399 1234 ต่อ 12",
    "ประกาศ ณ วันที่ 15 สิงหาคม พ.ศ. {year}",
    "ผู้ตอบแบบวัด IIT 64 คน (ร้อยละ 80.00)",
    "งบประมาณรายจ่ายประจำปี {next} จำนวน 45,000,000.00 บาท",
    "เกณฑ์การผ่านการประเมิน 85.00 คะแนนขึ้นไป",
    "แผนปฏิบัติการป้องกันการทุจริต (พ.ศ. 2566 - 2570)",
    "ผู้เข้าชมเว็บไซต์วันนี้ 85.50 พันครั้ง",
    "ได้รับรางวัล LPA คะแนน 88.75",
    "หน้า 2",
    "เอกสารประกอบ ITA ปี {before}",
)


def noisy(random: Random) -> Document:
    """Any of the others, with lines between that say nothing of the result."""
    inner = random.choice((table, two_levels, prose, history, years_beside, shares, league_of_totals, league))(random)
    year = max(y for of_one in inner.truth.values() for y, *_ in of_one)
    lines = list(inner.lines)
    places = [
        at
        for at in range(1, len(lines) + 1)
        if at == len(lines) or isinstance(lines[at], str) or isinstance(lines[at - 1], str)
    ]
    is_number = [at for at in places if at < len(lines) and str(lines[at]).replace(".", "").isdigit()]
    for at in sorted(random.sample([p for p in places if p not in is_number], 2), reverse=True):
        lines.insert(at, random.choice(NOISE).format(year=year, next=year + 1, before=year - 1))
    return Document(lines, inner.truth, inner.more)


LAYOUTS: tuple[Callable[[Random], Document], ...] = (
    *(table, two_levels, cards, shares, prose, history, league, league_of_totals),
    *(browser, years_beside, beside_others, sections, noisy),
)
