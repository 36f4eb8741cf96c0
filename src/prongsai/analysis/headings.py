"""Headings, titles of columns and short words of official papers: ``words`` and ``headings`` of ``phrases.yaml``."""

from typing import Annotated

from prongsai.analysis.places import Part, Places, Plain


class Words(Part):
    """Short words that stand in the sentences of papers."""

    fiscal_year: Annotated[str, Places("year")]
    buddhist_year: Annotated[str, Places("year")]
    conjunction: Plain
    span: Annotated[str, Places("first", "last")]
    indicators: Annotated[str, Places("numbers")]
    indicator: Annotated[str, Places("indicator", "label")]
    question: Annotated[str, Places("item", "question")]
    disclosure: Annotated[str, Places("item", "label")]
    disclosure_with_cause: Annotated[str, Places("item", "label", "cause")]
    disclosure_quoted: Annotated[str, Places("item", "label", "cause")]
    with_points: Annotated[str, Places("subject", "score")]
    mean: Annotated[str, Places("score")]
    about: Annotated[str, Places("score")]
    level: Annotated[str, Places("level")]
    quoted_level: Annotated[str, Places("level")]
    result: Plain
    total: Plain
    of_instrument: Annotated[str, Places("instrument")]
    same: Plain
    risen: Plain
    fallen: Plain
    changed: Annotated[str, Places("direction", "score")]
    same_score: Plain
    total_changed: Annotated[str, Places("change")]
    condition: Annotated[str, Places("condition")]
    caution: Annotated[str, Places("indicator", "caution")]
    meaning: Annotated[str, Places("result", "meaning")]
    no_defect: Plain
    maintain: Plain
    on_day: Annotated[str, Places("day")]
    obstacles: Annotated[str, Places("obstacles")]
    evidence: Annotated[str, Places("names")]
    evidence_and_others: Annotated[str, Places("names", "count")]
    draft: Plain
    remark: Plain
    signed_on_screen: Annotated[str, Places("day")]
    of_year: Annotated[str, Places("year")]
    period: Annotated[str, Places("title", "first", "last")]
    months: Annotated[str, Places("months")]
    head_of_agency: Plain


class ColumnsHeadings(Part):
    """Titles of columns and rows that several papers share."""

    number: Plain
    item: Plain
    subject: Plain
    day: Plain
    total: Plain
    score: Plain
    mean: Plain
    indicator: Plain
    indicator_number: Plain
    instrument: Plain
    year: Annotated[str, Places("year")]
    change: Plain
    question: Plain
    defect: Plain
    remedy: Plain
    measure: Plain
    activity: Plain
    steps: Plain
    responsible: Plain
    work: Plain
    status: Plain
    finding: Plain
    analysis: Plain
    recommendation: Plain
    obstacles: Plain
    evidence: Plain
    reported: Plain
    percent: Plain
    agencies: Plain
    overall: Plain
    whole_agency: Plain
    sub_indicator: Annotated[str, Places("sub_indicator", "label")]


class ChartsHeadings(Part):
    """What stands under a chart."""

    target: Annotated[str, Places("caption", "target")]
    target_and_before: Annotated[str, Places("caption", "target", "year")]


class AnnexHeadings(Part):
    """The annex with what is higher than a page."""

    title: Plain
    continued: Annotated[str, Places("beginning", "number")]
    of_row: Annotated[str, Places("column", "text")]


class SummaryHeadings(Part):
    """The summary of a result."""

    title: Annotated[str, Places("assessment")]
    short_name: Annotated[str, Places("title", "assessment")]
    total: Annotated[str, Places("full")]
    level: Plain
    computed_level: Plain
    target: Annotated[str, Places("target")]
    reached: Plain
    missed: Plain
    rank: Plain
    instrument: Plain
    compared: Plain
    target_reached: Plain
    target_missed: Plain
    ranked_recommendations: Plain
    recommendations: Plain


class OutcomeHeadings(Part):
    """The outcome report of the measures."""

    method: Plain
    by_instrument: Plain
    standing: Plain
    strengths: Plain
    gaps: Plain
    recommendations: Plain
    work: Plain
    steps: Plain
    period: Plain
    obstacles: Plain
    evidence: Plain


class DevelopmentHeadings(Part):
    """The use of the results for development."""

    title: Annotated[str, Places("assessment")]
    background: Plain
    result: Plain
    overall: Plain
    by_instrument: Plain
    by_indicator: Plain
    indicator_name: Plain
    chart_of_indicators: Plain
    chart_of_instruments: Plain
    cautions: Plain
    analysis: Plain
    mean: Annotated[str, Places("indicator")]
    plan: Plain
    finding: Plain
    period: Plain


class MeasuresHeadings(Part):
    """The analysis and the measures."""

    title: tuple[Plain, ...]
    file_title: Annotated[str, Places("year")]
    measures: Plain
    monitoring: Plain
    plan: Annotated[str, Places("agency", "year")]
    recommendations: Annotated[str, Places("agency", "year")]
    score: Annotated[str, Places("indicator", "score")]


class MemoHeadings(Part):
    """The memo; the fields of its head are those of the prescribed form."""

    title: Annotated[str, Places("subject")]
    about_all: Annotated[str, Places("assessment", "short", "year")]
    about_some: Annotated[str, Places("instruments", "year")]
    background: Plain
    facts: Plain
    proposals: Plain
    consideration: Plain
    other_items: Plain
    items: Plain
    other_subjects: Plain
    subjects: Plain
    proposed: Plain
    annex_of_proposals: Annotated[str, Places("year")]
    annex_of_marks: Annotated[str, Places("disclosure", "year")]
    marks_follow: Plain
    checked: Plain
    comment: Plain
    organiser: Plain


class ChecklistHeadings(Part):
    """The disclosure checklist."""

    file_title: Annotated[str, Places("year")]
    title: Annotated[str, Places("disclosure")]
    elements: Plain
    addresses: Plain
    only_for: Annotated[str, Places("element", "agencies")]
    not_filed: Plain
    waiting: Plain
    not_started: Plain


class FollowUpHeadings(Part):
    """The reports on the measures of a plan, which share their title with the outcome report."""

    title: tuple[Plain, ...]
    background: Plain
    overall: Plain
    obstacles: Plain
    by_measure: Plain
    state: Plain
    measures: Plain
    period: Plain
    annex: Plain
    pictures: Plain
    piece: Annotated[str, Places("number", "name")]
    page: Annotated[str, Places("piece", "page", "pages")]
    pages: Annotated[str, Places("count")]
    first_pages: Annotated[str, Places("count")]
    of_measure: Annotated[str, Places("measure")]


class ReminderHeadings(Part):
    """The reminder of what is missing."""

    title: Annotated[str, Places("assessment")]
    file_title: Annotated[str, Places("year")]
    surveys: Plain
    disclosures: Plain
    received: Plain
    required: Plain
    missing: Plain
    closes: Plain
    unknown: Plain
    address: Annotated[str, Places("survey", "address")]
    all_filed: Annotated[str, Places("count")]
    not_filed: Annotated[str, Places("missing", "count")]
    item: Plain


class RegistersHeadings(Part):
    """The papers of registers, whose own headings stand with the registers."""

    none: Annotated[str, Places("records")]
    count: Plain
    axes: Annotated[str, Places("rows", "columns")]
    level: Plain
    advice: Plain


class LinkReportHeadings(Part):
    """The monthly report on the addresses of disclosures."""

    title: Plain
    of_month: Annotated[str, Places("month")]
    with_year: Annotated[str, Places("month", "year")]
    summary: Plain
    faults: Plain
    changes: Plain
    by_link: Plain
    filed: Plain
    checks: Plain
    steady: Plain
    whole_month: Annotated[str, Places("day")]
    part_of_month: Annotated[str, Places("day")]
    fault: Annotated[str, Places("number", "item")]
    no_faults: Plain
    no_changes: Plain
    no_links: Plain
    change: Plain
    address: Plain
    checked: Plain
    failed: Plain
    state: Plain


class RoundReportHeadings(Part):
    """The office's weekly report of a round."""

    title: Plain
    at: Annotated[str, Places("day", "time")]
    summary: Plain
    calendar: Plain
    stages: Plain
    regions: Plain
    provinces: Plain
    assessors: Plain
    days: Plain
    province: Plain
    assessor: Plain
    agencies: Plain
    act: Annotated[str, Places("title", "count", "before")]
    on_day: Annotated[str, Places("day", "overdue")]
    week: Annotated[str, Places("days", "acts")]
    phase: Plain
    duration: Plain
    no_day: Plain
    from_day: Annotated[str, Places("day")]
    coming: Plain
    running: Plain
    over: Plain
    days_left: Annotated[str, Places("days")]
    last_day: Plain
    stage: Plain
    agencies_counted: Plain
    chart: Annotated[str, Places("count")]
    region: Plain
    overdue: Plain
    none_overdue: Plain
    not_shown: Annotated[str, Places("count")]


class Headings(Part):
    """By paper; their numbers are those of their order."""

    columns: ColumnsHeadings
    charts: ChartsHeadings
    annex: AnnexHeadings
    summary: SummaryHeadings
    outcome: OutcomeHeadings
    development: DevelopmentHeadings
    measures: MeasuresHeadings
    memo: MemoHeadings
    checklist: ChecklistHeadings
    follow_up: FollowUpHeadings
    reminder: ReminderHeadings
    registers: RegistersHeadings
    link_report: LinkReportHeadings
    round_report: RoundReportHeadings
