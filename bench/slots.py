"""Free times: a month, one page, the first ones; the number of queries."""

from datetime import timedelta

import dataset
import raw
from lab import Result, medians, ms

#: {size: (month >= x times the peer, page >= x times the peer's)}
FASTER = {"S": (25, 20), "M": (50, 50), "L": (50, 50), "XL": (50, 50)}


def measure(env, data, size, peer, repeats):
    """The rows of one size.

    :param data: what dataset.fill returned
    :param peer: a filled ``peer.Peer`` of this size, or ``None``
    """
    slots, cr = env["clinic.slot"], env.cr
    service, start = data["service_id"], data["date_from"]
    stop = start + timedelta(days=30)
    cr.execute(raw.INDEX)
    # As autovacuum leaves it: indexes are read without looking at the table.
    dataset.vacuum(cr, "clinic_appointment")
    practitioners = sorted(env["clinic.practitioner"].search([]).ids)[:10]
    span = {"start": start, "stop": stop}

    def product():
        env.invalidate_all()
        return slots.search_slots(service, start, stop)

    def month():
        raw.rows(cr, raw.MONTH, location=data["location_id"], **span)

    check(env, data, product(), span, peer)
    works = {"raw": month, "product": product}
    if peer:
        works["peer"] = peer.month
    took = medians(repeats, **works)
    yield Result(
        "month of free times",
        size,
        ms(took["peer"]) if peer else "",
        ms(took["raw"]),
        ms(took["product"]),
        took["product"] / took["raw"],
        "<= 1.5",
        "product / raw",
    )
    if peer:
        yield Result(
            "month, against the peer",
            size,
            ms(took["peer"]),
            "",
            ms(took["product"]),
            took["peer"] / took["product"],
            f">= {FASTER[size][0]}",
            "peer / product",
        )
    week = start + timedelta(days=7)
    page = medians(
        repeats * 3,
        raw=lambda: raw.rows(
            cr, raw.PAGE, practitioners=practitioners, start=start, stop=week
        ),
        product=lambda: slots.search_slots(
            service, start, week, practitioner_ids=practitioners
        ),
    )
    yield Result(
        "one page, 10 practitioners x 7 days",
        size,
        "",
        ms(page["raw"]),
        ms(page["product"]),
        note=f"{page['product'] / page['raw']:.1f} x raw",
    )
    firsts = medians(
        repeats,
        first=lambda: slots.first_slots(service, start, stop),
        earliest=lambda: slots.search_slots(service, start, stop, limit=1),
    )
    for name, words, bound in (
        ("first", "first free of each practitioner", 0.2),
        ("earliest", "earliest of all", 0.1),
    ):
        yield Result(
            words,
            size,
            "",
            "",
            ms(firsts[name]),
            firsts[name] / took["product"],
            f"<= {bound}" if size in ("L", "XL") else "",
            "part of the month; the target is for L and XL",
        )
    before = cr.sql_log_count
    product()
    yield Result(
        "queries of one call",
        size,
        "",
        "",
        str(cr.sql_log_count - before),
        cr.sql_log_count - before,
        "<= 5",
    )


def check(env, data, found, span, peer):
    """All answer the same before anything is timed."""
    free = {(slot["start"], slot["practitioner_id"]) for slot in found}
    assert len(free) == len(found)
    assert free == raw.oracle(env.cr, data["location_id"], **span), "oracle"
    rows = raw.rows(env.cr, raw.MONTH, location=data["location_id"], **span)
    assert free == {(row[0], row[2]) for row in rows}, "raw SQL"
    if peer:
        assert len({start for start, _who in free}) == peer.count_month(), "peer"


def compare_pages(results):
    """The page at XL against the page at S, when both were measured."""
    pages = {r.size: r for r in results if r.name.startswith("one page")}
    if "S" not in pages:
        return
    for size in pages.keys() - {"S"}:
        here, small = (float(pages[k].product.split()[0]) for k in (size, "S"))
        yield Result(
            f"one page at {size} against S",
            size,
            "",
            "",
            f"{here:.1f} ms",
            here / small,
            "<= 1.5",
            f"{size} / S",
        )
