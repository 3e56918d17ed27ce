"""The laboratory: databases, servers, and how times are taken.

Everything lives in the test cluster of ./clinic under names that begin with
clinic_bench_, and is removed at the end.
"""

import os
import statistics
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support import Site, environment, server  # noqa: E402

from command import database, odoo, place, setup  # noqa: E402

#: Addons of the bench only: a route that does nothing.
OWN_ADDONS = ROOT / "bench" / "addons"
HOME = place.HOME / "bench"
REPEATS = 5
CLEAN = "clinic_bench_clean"


def say(text):
    """A progress line."""
    print(f"  {text}", flush=True)


class Result(NamedTuple):
    """One row of the table.

    :param float ratio: what the target is about, ``None`` when there is none
    :param str target: for example ``<= 1.5`` or ``>= 50``
    """

    name: str
    size: str
    peer: str
    raw: str
    product: str
    ratio: float = None
    target: str = ""
    note: str = ""

    @property
    def verdict(self):
        """``met``, ``missed`` or nothing when there is no target."""
        if self.ratio is None or not self.target:
            return ""
        sign, _blank, bound = self.target.partition(" ")
        right = {
            "<=": self.ratio <= float(bound),
            ">=": self.ratio >= float(bound),
            "=": self.ratio == float(bound),
        }[sign]
        return "met" if right else "missed"


def medians(repeats=REPEATS, **works):
    """Run functions in turn, again and again; ``{name: median seconds}``.

    A function may return seconds it has measured itself (another process does).
    """
    taken = {name: [] for name in works}
    for work in works.values():
        work()
    for _round in range(repeats):
        for name, work in works.items():
            began = time.perf_counter()
            own = work()
            passed = time.perf_counter() - began
            taken[name].append(own if isinstance(own, float) else passed)
    return {name: statistics.median(times) for name, times in taken.items()}


def rate(work, seconds=3.0, threads=4):
    """How often a function can be called in a second by several at once.

    :param work: function of the number of the thread
    """
    until = time.perf_counter() + seconds
    counts = [0] * threads
    gate = threading.Barrier(threads)

    def run(number):
        gate.wait()
        while time.perf_counter() < until:
            work(number)
            counts[number] += 1

    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(run, range(threads)))
    return sum(counts) / (time.perf_counter() - began)


def ms(seconds):
    """Seconds as milliseconds for a person."""
    value = seconds * 1000
    return f"{value:.1f} ms" if value < 100 else f"{value:,.0f} ms"


def addons_path(*more):
    """The option that adds folders to Odoo's path."""
    return ["--addons-path", ",".join(map(str, [place.ADDONS, OWN_ADDONS, *more]))]


def install(name, source, modules, *folders, **variables):
    """A database with modules, kept for the next run while nothing changed."""
    here = server()
    stamp = place.fingerprint(
        source,
        *modules,
        *sorted(database.addon_stamps().items()),
        *(place.tree_fingerprint(Path(folder)) for folder in [OWN_ADDONS]),
    )
    marker = HOME / f"{name}.stamp"
    if marker.exists() and marker.read_text() == stamp and name in here.databases():
        return name
    say(f"installing {', '.join(modules)} …")
    database.copy(here, setup.TEST_DATA, source, name)
    log = place.log_path(f"bench-{name}")
    with log.open("w") as output:
        subprocess.run(
            [
                *map(str, (place.PYTHON, place.ODOO)),
                *map(str, odoo.arguments(here, name, setup.TEST_DATA)),
                *addons_path(*folders),
                *("-i", ",".join(modules), "--stop-after-init", "--no-http"),
                *("--max-cron-threads", "0", "--log-level", "warn"),
            ],
            env=odoo.env(here, **variables),
            stdout=output,
            stderr=subprocess.STDOUT,
            check=True,
        )
    HOME.mkdir(parents=True, exist_ok=True)
    marker.write_text(stamp)
    return name


def clean_database():
    """The product without data, the route that does nothing, a log on mail.thread."""
    modules = [*database.addons(), "clinic_bench_noop", "clinic_bench_thread"]
    return install(CLEAN, database.template_name(), modules)


@contextmanager
def filled(name, source=CLEAN):
    """A copy of a database for one size; removed at the end."""
    full = f"clinic_bench_{name}"
    here = server()
    database.copy(here, setup.TEST_DATA, source, full)
    try:
        yield full
    finally:
        forget(full)
        database.discard(here, setup.TEST_DATA, full)


def forget(name):
    """Close this process's connections to a database."""
    from odoo import sql_db
    from odoo.modules.registry import Registry

    Registry.delete(name)
    sql_db.close_db(name)


@contextmanager
def env_of(name, user=1):
    """An Odoo environment on a database, in this process."""
    if not getattr(environment, "configured", False):
        from odoo import tools

        here = server()
        os.environ.update({k: v for k, v in here.env().items() if k.startswith("PG")})
        options = odoo.arguments(here, name, setup.TEST_DATA)[2:]
        options += [*addons_path(), "--log-level=warn", "--http-interface=127.0.0.1"]
        tools.config.parse_config([*map(str, options)], setup_logging=True)
        environment.configured = True
    with environment(server(), name, user) as env:
        yield env


@contextmanager
def served(name, source, *options, **variables):
    """Two prefork workers on a copy of a database."""
    site = Site(f"bench_{name}", workers=2, source=source)
    before = {key: os.environ.get(key) for key in variables}
    os.environ.update(variables)
    try:
        site.start(*options)
        yield site
    finally:
        for key, value in before.items():
            os.environ.pop(key, None) if value is None else os.environ.update(
                {key: value}
            )
        site.discard()
