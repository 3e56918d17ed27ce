"""The virtual environment in .clinic/venv, with Odoo on its path."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from . import cache, odoo_tree, place
from .steps import Failure, run

SUPPORTED = ((3, 10), (3, 11), (3, 12), (3, 13))
PREFERRED = ("python3.11", "python3.12", "python3.13", "python3.10")
PTH = "clinic-odoo.pth"
# Odoo in prefork mode starts its live process by running its own script again:
# `python -m odoo` cannot do that, so there is a script.
SCRIPT = """\
#!{python}
from odoo.cli.command import main

main()
"""
# Odoo switches deprecation warnings on whatever PYTHONWARNINGS says, and its
# pinned Werkzeug warns on every request. Only those lines are left out.
QUIET = """\
import logging

logging.getLogger("py.warnings").addFilter(
    lambda record: "DeprecationWarning: 'werkzeug." not in record.getMessage()
)
"""


#: How pip begins a script, in both of its ways.
STARTS = re.compile(rb"#![^\n]*python[^\n]*\n|#!/bin/sh\n'''exec' [^\n]*\n' '''\n")


def interpreter():
    """The Python to build with: this one, if requirements.txt knows it."""
    if sys.version_info[:2] in SUPPORTED:
        return sys.executable
    for name in PREFERRED:
        if shutil.which(name):
            return shutil.which(name)
    raise Failure(
        f"Python {sys.version.split()[0]} is newer than Odoo 19's packages support",
        hint="install python3.12 (or 3.11, 3.13, 3.10) and its venv module",
    )


def requirements():
    """What a site needs, and what the tests need beside it."""
    return [place.ROOT / n for n in ("requirements.txt", "requirements-test.txt")]


def stamp():
    """A key over interpreter and requirements, for resuming and caching."""
    contents = [path.read_bytes() for path in requirements()]
    return place.fingerprint(version(interpreter()), *contents)


def version(python):
    """Which Python an executable is, and where it comes from."""
    return subprocess.run(
        [python, "-c", "import sys; print(sys.version, sys.base_prefix)"],
        capture_output=True,
        text=True,
    ).stdout


def ensure():
    """The step: every pinned package is installed."""
    marker = place.VENV / "clinic-stamp"
    wanted = stamp()
    cached = cache.entry("venv", wanted)
    if marker.exists() and marker.read_text() == wanted:
        words = "all there"
    elif cached.exists() and not place.VENV.exists():
        cache.link_tree(cached, place.VENV)
        relocate()
        words = "from your cache"
    else:
        marker.unlink(missing_ok=True)
        install()
        marker.write_text(wanted)
        cache.keep(place.VENV, "venv", wanted)
        words = "installed"
    point_at_odoo()
    return words


def install():
    """Run pip; the environment of another Python is made anew."""
    if not place.PYTHON.exists() or version(place.PYTHON) != version(interpreter()):
        shutil.rmtree(place.VENV, ignore_errors=True)
        run(
            [interpreter(), "-m", "venv", place.VENV],
            "python",
            "the virtual environment could not be made",
            "install the Python package venv (Debian: python3-venv)",
        )
    point_at_odoo()
    files = []
    for path in requirements():
        files += ["-r", path]
    run(
        [place.PYTHON, "-m", "pip", "install", "--prefer-binary", *files],
        "python",
        "the Python packages could not be installed",
        "check the network and pip's settings (`pip config list`)",
        env=os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )


def site_packages():
    """The environment's folder of packages."""
    return next(place.VENV.glob("lib/python3.*/site-packages"))


def point_at_odoo():
    """Put Odoo on the environment's path, and make pip know it as odoo 19.0."""
    folder = odoo_tree.find()
    packages = site_packages()
    write(packages / PTH, f"{folder}\nimport clinic_quiet\n")
    write(packages / "clinic_quiet.py", QUIET)
    write(place.ODOO, SCRIPT.format(python=place.PYTHON))
    place.ODOO.chmod(0o755)
    if not any(folder.glob("odoo*-info")):
        declare(packages, "odoo", "19.0")
    # Odoo asks for psycopg2, which pip would compile; the module is the one of
    # psycopg2-binary.
    if not any(packages.glob("psycopg2-*.dist-info")):
        declare(packages, "psycopg2", "2.9.9")


def declare(packages, name, version):
    """Make pip know a distribution that is on the path by other means."""
    info = packages / f"{name}-{version}.dist-info"
    info.mkdir(exist_ok=True)
    write(
        info / "METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    )
    write(info / "RECORD", "")
    write(info / "INSTALLER", "clinic\n")


def write(path, text):
    """Write a file when it differs; a new file, for the old may be shared."""
    if not path.exists() or path.read_text() != text:
        path.unlink(missing_ok=True)
        path.write_text(text)


def relocate():
    """Make the scripts of an environment from the cache name this checkout.

    Where a path holds spaces or is long, pip begins them with a line of the shell; so
    does this, since either checkout may have such a path.
    """
    python = shlex.quote(str(place.PYTHON))
    start = f"#!/bin/sh\n'''exec' {python} \"$0\" \"$@\"\n' '''\n".encode()
    for script in (place.VENV / "bin").iterdir():
        if script.is_symlink() or not script.is_file():
            continue
        content = script.read_bytes()
        found = STARTS.match(content)
        if found:
            mode = script.stat().st_mode
            script.unlink()
            script.write_bytes(start + content[found.end() :])
            script.chmod(mode)


def tool(name):
    """The path of a program inside the environment."""
    return Path(place.VENV / "bin" / name)
