"""Style: ruff, vermin, pylint-odoo, and prettier and eslint where npm is there."""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from . import cache, place
from .steps import Failure, environment, run

NODE = place.HOME / "node"
PYTHON_FILES = {".py"}
PRETTY_FILES = {".css", ".html", ".js", ".json", ".scss", ".xml", ".yaml", ".yml"}


class Result(NamedTuple):
    """The outcome of one tool: its complaints, empty when it has none."""

    name: str
    failed: bool
    text: str


def ensure_node():
    """The step: prettier and eslint, when npm is there; whether they are."""
    if not shutil.which("npm"):
        return False
    lock = (place.ROOT / "package-lock.json").read_bytes()
    key = place.fingerprint(lock)
    stamp = NODE / "stamp"
    if stamp.exists() and stamp.read_text() == key:
        return True
    shutil.rmtree(NODE, ignore_errors=True)
    cached = cache.entry("node", key)
    if cached.exists():
        cache.link_tree(cached, NODE)
        return True
    NODE.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(place.ROOT / name, NODE)
    run(
        ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
        "node",
        "npm could not install prettier and eslint",
        "check the network and npm's settings (`npm config list`)",
        cwd=NODE,
    )
    stamp.write_text(key)
    cache.keep(NODE, "node", key)
    return True


def git(*arguments):
    """The lines git answers with, or None when this is no checkout of its own."""
    lines = []
    for words in (("rev-parse", "--show-toplevel"), arguments):
        try:
            answer = subprocess.run(
                ["git", *words], capture_output=True, text=True, cwd=place.ROOT
            )
        except OSError:
            return None
        if answer.returncode:
            return None
        lines = answer.stdout.splitlines()
        if words is not arguments and Path(lines[0]) != place.ROOT:
            return None
    return lines


def changed():
    """The files that differ from the main branch, or None when nobody knows."""
    base = git("merge-base", "HEAD", "main")
    if not base:
        return None
    differ = git("diff", "--name-only", "--diff-filter=d", base[0])
    new = git("ls-files", "--others", "--exclude-standard")
    return sorted({*differ, *new})


def tracked():
    """Every file of the checkout that belongs to it."""
    files = git("ls-files", "--cached", "--others", "--exclude-standard")
    if files is None:
        files = [
            str(path.relative_to(place.ROOT))
            for path in place.ROOT.rglob("*")
            if place.HOME not in path.parents and "__pycache__" not in path.parts
        ]
    return [name for name in files if (place.ROOT / name).is_file()]


def select(addons=(), fast=False):
    """The files to look at."""
    files = (changed() if fast else None) or tracked()
    if addons:
        folders = tuple(f"addons/{name}/" for name in addons)
        files = [name for name in files if name.startswith(folders)]
    return files


def commands(files, fix, node):
    """(name, command) of every tool that has something to look at."""
    python = [f for f in files if Path(f).suffix in PYTHON_FILES or f == "clinic"]
    odoo = [f for f in python if f.startswith("addons/")]
    script = [f for f in files if f.endswith(".js") and "/static/lib/" not in f]
    pretty = [f for f in files if Path(f).suffix in PRETTY_FILES]
    ruff = place.VENV / "bin" / "ruff"
    if python:
        yield "ruff", [ruff, "check", "--quiet", *(["--fix"] if fix else []), *python]
        how = [] if fix else ["--check"]
        yield "ruff format", [ruff, "format", "--quiet", *how, *python]
        # Odoo 19 runs on 3.10: what came later would only fail there.
        vermin = place.VENV / "bin" / "vermin"
        yield "python 3.10", [vermin, "-t=3.10-", "--no-tips", "--violations", *python]
    if any(f.endswith((".txt", "nginx.conf")) for f in files):
        how = ["--fix"] if fix else []
        yield "secret routes", [sys.executable, "-m", "command.secret_routes", *how]
    if any(f.startswith("addons/") for f in files):
        how = ["--fix"] if fix else []
        yield "addon pages", [place.PYTHON, "-m", "command.packages", *how]
    if odoo:
        yield (
            "pylint-odoo",
            [place.PYTHON, "-m", "pylint", "--rcfile=.pylintrc-mandatory", *odoo],
        )
    if node and pretty:
        tool = NODE / "node_modules" / "prettier" / "bin" / "prettier.cjs"
        how = "--write" if fix else "--check"
        yield (
            "prettier",
            ["node", tool, how, "--log-level=warn", "--ignore-unknown", *pretty],
        )
    if node and script:
        tool = NODE / "node_modules" / "eslint" / "bin" / "eslint.js"
        how = ["--fix"] if fix else []
        yield "eslint", ["node", tool, "--max-warnings=0", *how, *script]


def check(addons=(), fast=False, fix=False):
    """Run every tool; a list of results in a fixed order."""
    node = ensure_node()
    chosen = list(commands(select(addons, fast), fix, node))
    if fix:
        return [outcome(*pair) for pair in chosen]
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda pair: outcome(*pair), chosen))


def outcome(name, command):
    """Run one tool."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            capture_output=True,
            text=True,
            cwd=place.ROOT,
            env=environment(
                NODE_PATH=NODE / "node_modules",
                PYTHONPATH=place.ROOT,
                RUFF_CACHE_DIR=place.HOME / "ruff",
                PYLINTHOME=place.HOME / "pylint",
            ),
        )
    except OSError as error:
        raise Failure(f"{name} could not be run: {error}") from error
    text = (done.stdout + done.stderr).strip()
    place.log_path(f"lint-{name.replace(' ', '-')}").write_text(text + "\n")
    return Result(name, bool(done.returncode), text)
