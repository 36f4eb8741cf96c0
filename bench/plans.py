"""Plans of a nation: 8,317 agencies with an approved, published plan each; response times of the pages on them.

    make bench-plans            # on the nation of bench/public_pages.py, with plans added once (about ten minutes), in
    build/bench-public-pages

Times are of whole pages inside the process (Django's test client, no network), agencies and indicators at random.
"""

import os
import random
import time
from pathlib import Path
from statistics import median, quantiles

from bench.public_pages import AGENCIES, build

TIMES = 40


def make_plans(year: int) -> None:
    """A plan for each agency: drafted, submitted, approved and published by the actions of the product."""
    from prongsai.improvement import actions
    from prongsai.improvement.models import Plan
    from prongsai.improvement.snapshot import content_of
    from prongsai.lib import digest
    from prongsai.people.models import User
    from prongsai.registry.models import Agency

    user, _ = User.objects.get_or_create(email="bench@demo.test", defaults={"name": "ผู้วัด", "role": "office"})
    done = set(Plan.objects.filter(public=True).values_list("agency", flat=True))
    started, count = time.perf_counter(), 0
    for agency in list(Agency.objects.exclude(pk__in=done).order_by("pk")):
        plan = Plan.objects.filter(agency=agency).first()
        if plan is None:
            plan = actions.start_plan(agency=agency, result_year=year - 1, by=user)
        if plan.status != Plan.Status.SUBMITTED:  # where an interrupted run stopped
            actions.submit_plan(plan=plan, by=user)
        content_digest = digest.of_json(content_of(plan))
        actions.approve_plan(plan=plan, by=user, position="ผู้บริหาร", expected_digest=content_digest)
        actions.set_public(plan=plan, public=True, by=user)
        count += 1
    if count:
        print(
            f"{count} plans from result to published: {(time.perf_counter() - started) / count * 1000:.0f} ms each",
            flush=True,
        )


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prongsai.settings")
    os.environ.setdefault("PRONGSAI_DATA", str(Path("build/bench-public-pages").resolve()))
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    os.environ.setdefault("PRONGSAI_WORKERS", "0")
    build()
    from django.test import Client

    from prongsai import framework as rules
    from prongsai.cli.demo_nation import code_of
    from prongsai.improvement import actions, queries
    from prongsai.improvement.models import Plan
    from prongsai.lib import fiscal
    from prongsai.people.models import User

    year = max(rules.available())[1]
    make_plans(year)
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(email="bench@demo.test"))
    draw = random.Random(3)

    def code() -> str:
        return code_of(draw.randrange(AGENCIES))

    pages = {
        "library, most common type": lambda: f"/desk/library/?kind=sao&indicator={draw.randrange(1, 11)}",
        "plan": lambda: f"/desk/agency/{code()}/plan/{year}/",
        "board": lambda: f"/desk/agency/{code()}/plan/{year}/board/",
        "outcome": lambda: f"/desk/agency/{code()}/plan/{year}/outcome/",
        "what if": lambda: f"/desk/agency/{code()}/plan/{year}/what-if/",
        "the nation's plans": lambda: f"/desk/plans/{year}/?page={draw.randrange(1, 160)}",
        "public plan": lambda: f"/agency/{code()}/{year}/plan/",
    }
    print(f"\n{'page':28}{'median ms':>10}{'p95 ms':>9}")

    def print_row(name: str, times: list[float]) -> None:
        print(f"{name:28}{median(times):>10.0f}{quantiles(times, n=20)[-1]:>9.0f}", flush=True)

    for name, address in pages.items():
        times = []
        for turn in range(TIMES + 2):
            started = time.perf_counter()
            page = client.get(address())
            assert page.status_code == 200, (name, page.status_code)
            if turn >= 2:
                times.append((time.perf_counter() - started) * 1000)
        print_row(name, times)
    times = []
    for plan in Plan.objects.select_related("result__result_set", "result__agency").order_by("?")[:TIMES]:
        started = time.perf_counter()
        queries.findings_of(plan.result)
        times.append((time.perf_counter() - started) * 1000)
    print_row("findings of a result", times)
    started = time.perf_counter()
    notices = actions.remind(day=fiscal.last_day(year, 3))
    print(f"\nreminders of the nation: {time.perf_counter() - started:.0f} s, {notices} notices")


if __name__ == "__main__":
    main()
