"""`./clinic bench`: the product, raw SQL and the peer in one run, as a table.

    ./clinic bench                          S, M and L; about ten minutes
    ./clinic bench --sizes XL               another size (its data take minutes)
    ./clinic bench --patients 1000000       the search box on a million patients
    ./clinic bench --only rush              one group of rows
    ./clinic bench --before COMMIT          what changed since costs; only that

Groups: slots, web, rush, create, sheet, patients, pipelines, duplicates, segments,
imports, messages.
Only when named: reliability, startup.
"""

import argparse
import json
import os
import platform
import sys
import time
from datetime import datetime

import before
import chart
import create
import dataset
import duplicates
import imports
import lab
import messages
import patients
import peer
import pipelines
import reliability
import rush
import segments
import sheet
import slots
import startup
import web
from lab import ROOT, say

GROUPS = (
    "slots",
    "web",
    "rush",
    "create",
    "sheet",
    "patients",
    "pipelines",
    "duplicates",
    "segments",
    "imports",
    "messages",
)
RESULTS = ROOT / "bench" / "results.json"


def arguments():
    """The options of the command line."""
    parser = argparse.ArgumentParser(
        prog="./clinic bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sizes", default="S,M,L", help="of S, M, L, XL")
    parser.add_argument(
        "--only", choices=(*GROUPS, "reliability", "startup"), help="one group of rows"
    )
    parser.add_argument("--patients", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=lab.REPEATS)
    parser.add_argument("--before", metavar="COMMIT", help="compare with it, only that")
    parser.add_argument("--without-peer", action="store_true")
    options = parser.parse_args()
    options.sizes = options.sizes.split(",")
    unknown = set(options.sizes) - set(dataset.SIZES)
    if unknown:
        parser.error(f"no such size: {', '.join(sorted(unknown))}")
    return options


def measure(options):
    """All rows asked for, one by one."""
    if options.before:
        yield from before.measure(options.before)
        return
    wanted = [options.only] if options.only else GROUPS
    if {"slots", "web"} & set(wanted):
        found = []
        for size in options.sizes:
            for result in measure_size(size, options, wanted):
                found.append(result)
                yield result
        yield from slots.compare_pages(found)
    if "rush" in wanted:
        with lab.filled("rush") as name:
            yield from rush.measure(name)
    if "create" in wanted:
        with lab.filled("create") as name:
            yield from create.measure(name, options.repeats)
    if "sheet" in wanted:
        yield from sheet.measure()
    if "reliability" in wanted:
        yield from reliability.measure(lab.CLEAN)
    if "startup" in wanted:
        yield from startup.measure()
    if "pipelines" in wanted:
        with lab.filled("pipelines") as name:
            yield from pipelines.measure(name, options.repeats)
    if "patients" in wanted:
        with lab.filled("patients") as name:
            yield from patients.measure(name, options.patients)
    if "duplicates" in wanted:
        with lab.filled("duplicates") as name:
            yield from duplicates.measure(name, options.patients)
    if "segments" in wanted:
        with lab.filled("segments") as name:
            yield from segments.measure(name, options.patients, options.repeats)
    if "imports" in wanted:
        with lab.filled("imports") as name:
            yield from imports.measure(name, options.patients)
    if "messages" in wanted:
        with lab.filled("messages") as name:
            yield from messages.measure(name, options.patients, options.repeats)
        yield from messages.measure_site(lab.CLEAN)


def measure_size(size, options, wanted):
    """The rows about free times and pages of one size."""
    practitioners, days = dataset.SIZES[size]
    with lab.filled(size.lower()) as name:
        say(f"{size}: filling {practitioners} practitioners x {days} days …")
        began = time.monotonic()
        with lab.env_of(name) as env:
            data = dataset.fill(env, size)
        say(f"{size}: {data['visits']:,} visits in {time.monotonic() - began:.0f} s")
        other = None
        if not options.without_peer and size != "XL":
            other = peer.Peer(
                f"peer_{size.lower()}", practitioners, days, data["date_from"]
            )
        try:
            if "slots" in wanted:
                with lab.env_of(name) as env:
                    yield from slots.measure(env, data, size, other, options.repeats)
            if "web" in wanted:
                if other:
                    other.stop()
                yield from web.measure(name, data, size, other, options.repeats)
        finally:
            if other:
                other.discard()


def machine():
    """What it was measured on."""
    with open("/proc/cpuinfo") as file:
        models = [line.split(":")[1].strip() for line in file if "model name" in line]
    return {
        "processor": models[0] if models else platform.processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "postgresql": lab.server().query("SHOW server_version"),
    }


def show(results):
    """Print the table."""
    head = ("work", "size", "peer", "raw SQL", "product", "ratio", "target", "")
    lines = [head]
    for r in results:
        ratio = "" if r.ratio is None else f"{r.ratio:,.2f}"
        lines.append(
            (r.name, r.size, r.peer, r.raw, r.product, ratio, r.target, r.verdict)
        )
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    print()
    for line in lines:
        cells = zip(line, widths, strict=True)
        print("  ".join(cell.ljust(width) for cell, width in cells).rstrip())
    print()


def write(results, began, partial):
    """Keep the figures; a part of the rows replaces only itself, and tells its date."""
    date = datetime.now().isoformat(timespec="minutes")
    rows = [r._asdict() | {"verdict": r.verdict} for r in results]
    whole = {
        "date": date,
        "seconds": round(time.monotonic() - began),
        "machine": machine(),
    }
    if partial and RESULTS.exists():
        known = json.loads(RESULTS.read_text())
        fresh = {(row["name"], row["size"]) for row in rows}
        kept = [r for r in known["rows"] if (r["name"], r["size"]) not in fresh]
        apart = {"date": date, "load": whole["machine"]["load"]}
        rows = kept + [row | apart for row in rows]
        whole = {key: known[key] for key in whole}
    text = json.dumps(whole | {"rows": rows}, indent=1, ensure_ascii=False)
    RESULTS.write_text(f"{text}\n")


def main():
    """Measure, show, keep, draw."""
    options = arguments()
    began = time.monotonic()
    lab.clean_database()
    results = []
    partial = bool(options.only or options.before) or options.sizes != ["S", "M", "L"]
    for result in measure(options):
        words = "" if result.ratio is None else f" ({result.ratio:,.2f})"
        say(f"{result.size:3} {result.name}: {result.product}{words} {result.verdict}")
        results.append(result)
        write(results, began, partial)
    show(results)
    chart.draw(RESULTS, ROOT / "docs" / "images" / "performance.svg")
    chart.write_table(RESULTS, ROOT / "docs" / "performance.md")
    say(f"took {time.monotonic() - began:.0f} s; figures in {RESULTS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
