"""What a change costs: three works here and in an earlier commit, in turn.

    ./clinic bench --before 060d867

The earlier commit gets a checkout of its own under .clinic/bench/before, with its own
Odoo and database server. Each work is asked for here and there in pairs, so that
a machine that others use too slows both.
"""

import os
import shutil
import statistics
import subprocess
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lab import HOME, ROOT, Result, ms, say

WORKER = Path(__file__).with_name("before_worker.py")
FOLDER = HOME / "before"
PAIRS, WARM = 150, 15
#: What the other checkout must not inherit from this one.
OURS = ("PG", "CLINIC_", "ODOO_", "PYTHON")
WORKS = {
    "visit": "a visit written by the desk, against {commit}",
    "message": "a message written, against {commit}",
    "sheet": "the day sheet's data, against {commit}",
}


def measure(commit):
    """Rows of the three works; both ways in one run."""
    folder = checkout(commit)
    with ExitStack() as running:
        say(f"{commit}: setting up, and filling a day …")
        there = running.enter_context(worker(folder, "prepare"))
        here = running.enter_context(worker(ROOT))
        for work, words in WORKS.items():
            before, now = pairs(there, here, work)
            ratio = statistics.median(b / a for a, b in zip(before, now, strict=True))
            yield Result(
                words.format(commit=commit),
                f"{PAIRS} pairs",
                ms(statistics.median(before)),
                "",
                ms(statistics.median(now)),
                ratio,
                "<= 1.1",
                "median of the pairs' ratios; `peer` is the earlier commit",
            )
    shutil.rmtree(folder)
    git("worktree", "prune")


def git(*arguments):
    """Run git in this checkout."""
    subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True)


def checkout(commit):
    """The folder of a fresh checkout of the earlier commit."""
    if FOLDER.exists():
        shutil.rmtree(FOLDER)
    git("worktree", "prune")
    git("worktree", "add", "--detach", str(FOLDER), commit)
    return FOLDER


@contextmanager
def worker(folder, *words):
    """A process on a filled database of a checkout, which answers with seconds."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
    process = subprocess.Popen(
        ["python3", str(WORKER), *words],
        cwd=folder,
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        for line in process.stdout:
            if line.strip() == "ready":
                break
        else:
            raise RuntimeError(f"the works of {folder} cannot be done")
        yield process
    finally:
        process.stdin.close()
        process.wait()


def pairs(there, here, work):
    """Seconds of a work in two processes, each pair in the other order."""
    taken = {there: [], here: []}
    for number in range(WARM + PAIRS):
        for process in (there, here) if number % 2 else (here, there):
            process.stdin.write(f"{work}\n")
            process.stdin.flush()
            seconds = float(process.stdout.readline())
            if number >= WARM:
                taken[process].append(seconds)
    return taken[there], taken[here]
