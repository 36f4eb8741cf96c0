"""Links whose pages scripts make: shown by a browser one after the other, and stored as any check.

Wanted by PRONGSAI_RENDERING, on a queue of its own (``prongsai worker --queue rendering``). Without a browser the pages
stay what they were seen as: a person should look.
"""

import logging
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack

from django.conf import settings

from prongsai import links
from prongsai.disclosure.link_checks import check_policy, make_target, try_to_store
from prongsai.disclosure.models import Link
from prongsai.jobs.leases import NO_LEASE, Lease
from prongsai.links import rendering

log = logging.getLogger("prongsai.disclosure")
_BATCH_SIZE = 200
_MAX_PENDING = 8  # pages in memory that wait for the browser
OBSTACLES = {
    "playwright": ("ยังไม่ได้ติดตั้งส่วนเสริมของเบราว์เซอร์", "ติดตั้ง prongsai[render] ในเครื่องที่เปิด worker"),
    "chromium": ("ไม่พบ Chromium ในเครื่องนี้", "ติดตั้ง chromium-headless-shell หรือ chromium ของ Debian"),
    "namespaces": (
        "เครื่องนี้ไม่ให้เบราว์เซอร์ทำงานแยกจากเครือข่ายและไฟล์ จึงไม่เปิดเบราว์เซอร์",
        "เปิดให้โปรแกรมสร้าง user namespace ได้ และใช้เคอร์เนลที่มี Landlock (Linux 5.13 ขึ้นไป)",
    ),
}


def count_waiting() -> int:
    """How many links wait to be rendered; none while it is not wanted."""
    return Link.objects.filter(render_since__isnull=False, until=None).count() if settings.RENDERING else 0


def render_waiting(lease: Lease = NO_LEASE) -> int:
    """Render the pages of all links that wait; returns how many checks were stored."""
    policy = check_policy()
    done, tried = 0, set[int]()
    with ExitStack() as running:
        renderer = None
        if obstacle := rendering.find_obstacle():
            log.error("pages are not rendered: %s (%s)", *OBSTACLES[obstacle])
        else:
            renderer = running.enter_context(rendering.Renderer(policy))
        while batch := _find_waiting(without=tried):
            tried |= {link.pk for link in batch}
            for link, seen in _render(batch, policy, renderer):
                link.render_since = None
                done += try_to_store(link, seen, policy, lease) is not None
                lease.progress(done, max(done, len(tried)))
    return done


def _find_waiting(*, without: set[int]) -> list[Link]:
    waiting = Link.objects.filter(render_since__isnull=False, until=None).exclude(pk__in=without)
    with_agency = waiting.select_related("last_check", "entry__filing__agency", "entry__filing__round")
    return list(with_agency.order_by("render_since")[:_BATCH_SIZE])


def _render(
    batch: list[Link], policy: links.Policy, renderer: rendering.Renderer | None
) -> Iterator[tuple[Link, links.Rendered]]:
    """Each link with what is seen of it now: asked as for any check, and shown by the browser if scripts still make
    its page."""
    targets = {link.pk: make_target(link) for link in batch}
    by_key = {link.pk: link for link in batch}
    pending: deque[tuple[Link, Future[links.Rendered]]] = deque()
    for observation in links.check_targets(targets.values(), policy):
        key = int(observation.key)
        if renderer and links.is_shell(observation):
            pending.append((by_key[key], renderer.submit(targets[key], observation)))
        else:
            yield by_key[key], links.Rendered(observation)
        while pending and (pending[0][1].done() or len(pending) > _MAX_PENDING):
            link, future = pending.popleft()
            yield link, future.result()
    for link, future in pending:
        yield link, future.result()
