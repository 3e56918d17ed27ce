"""Programs of the machine: found, or installed with apt when that is allowed."""

import contextlib
import ctypes
import itertools
import os
import re
import shutil
import subprocess
from pathlib import Path

from .steps import Failure, environment, run

# program → Debian package
PROGRAMS = {
    "postgres": "postgresql",
    "nginx": "nginx",
    "chromium": "chromium",
    "pango": "libpangoft2-1.0-0",
    "harfbuzz": "libharfbuzz-subset0",
    "latin": "fonts-dejavu-core",
    "chinese": "fonts-droid-fallback",
}
# The site answers without these; only some screens or tests need them.
OPTIONAL = {"nginx", "chromium", "latin", "chinese"}
#: Libraries with which papers are set, and fonts: name → how to see that it is there.
LIBRARIES = {"pango": "libpangoft2-1.0.so.0", "harfbuzz": "libharfbuzz-subset.so.0"}
FONTS = {
    "latin": ("DejaVuSans.ttf",),
    "chinese": ("DroidSansFallback*", "*CJK*", "wqy-*", "SourceHanSans*"),
}
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def postgres_bin():
    """The folder of the newest PostgreSQL server programs, or None."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda folder: int(folder.parent.name),
        reverse=True,
    )
    found = shutil.which("postgres")
    if found:
        folders.append(Path(found).resolve().parent)
    return next((f for f in folders if (f / "initdb").exists()), None)


def postgres_major():
    """The major version of those programs."""
    answer = subprocess.run(
        [postgres_bin() / "postgres", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    return int(answer.stdout.split()[2].split(".")[0])


def browser():
    """The path of a Chromium, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def library(name):
    """The name of a library when programs can load it, or None."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return None
    return name


def font(patterns):
    """A file of one of these fonts, or None."""
    files = (f.rglob(p) for f in FONT_FOLDERS if f.is_dir() for p in patterns)
    return next(itertools.chain.from_iterable(files), None)


def find(program):
    """Where a program is, or None."""
    if program == "postgres":
        return postgres_bin()
    if program == "chromium":
        return browser()
    if program in LIBRARIES:
        return library(LIBRARIES[program])
    if program in FONTS:
        return font(FONTS[program])
    return shutil.which(program) or shutil.which(program, path="/usr/sbin")


def may_install():
    """Whether the command may use apt: root on Debian or Ubuntu."""
    return os.geteuid() == 0 and shutil.which("apt-get")


def missing(programs):
    """The packages to install for the programs that are not there."""
    wanted = [PROGRAMS[name] for name in programs if not find(name)]
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        wanted.append("python3-venv")
    return wanted


def ensure(without=()):
    """The step: every program the suite needs is on the machine."""
    programs = [name for name in PROGRAMS if name not in without]
    packages = missing(programs)
    if not packages:
        return "all there"
    if may_install():
        install(packages)
    still = [name for name in programs if not find(name)]
    needed = [PROGRAMS[name] for name in still if name not in OPTIONAL]
    if needed:
        raise Failure(
            f"{', '.join(still)} not found on this machine",
            hint=f"as root: apt-get install -y {' '.join(packages)}",
        )
    if still:
        return f"without {', '.join(still)}"
    return f"installed {len(packages)}"


def install(packages):
    """Install Debian packages; nothing they bring is started."""
    hint = "check the network and /etc/apt, then run `apt-get update`"
    quiet = environment(DEBIAN_FRONTEND="noninteractive")

    def get(*words):
        what = f"apt-get {words[0]} failed"
        run(["apt-get", *words], "system", what, hint, env=quiet)

    get("update", "-q")
    packages = on_offer(packages)
    without = ("install", "-y", "-q", "--no-install-recommends")
    with services_left_alone():
        if "postgresql" in packages:
            get(*without, "postgresql-common")
            without_cluster()
        get(*without, *packages)


def on_offer(packages, options=()):
    """The packages without those that are optional and not in this release.

    Lists name packages that a release has no more, because others suggest them (as
    Debian 13 does with wkhtmltopdf). `apt-cache show` answers well for such a name;
    that nothing can be installed only the candidate says.

    :param options: of apt, where not this machine's lists are to be asked
    """
    optional = {PROGRAMS[name] for name in OPTIONAL}
    answer = subprocess.run(
        ["apt-cache", *options, "policy", *sorted(optional & set(packages))],
        capture_output=True,
        text=True,
        env=environment(LC_ALL="C"),
    ).stdout
    candidate = r"(?m)^(\S+):\n(?:  Installed:.*\n)?  Candidate: (?!\(none\))"
    there = re.findall(candidate, answer)
    return [name for name in packages if name not in optional or name in there]


@contextlib.contextmanager
def services_left_alone():
    """Tell Debian's scripts not to start the servers that come with packages."""
    policy = Path("/usr/sbin/policy-rc.d")
    if policy.exists():
        yield
        return
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink(missing_ok=True)


def without_cluster():
    """Tell Debian's PostgreSQL scripts not to make a cluster.

    The suite has a cluster of its own; one more on port 5432 would only
    surprise the machine's owner.
    """
    folder = Path("/etc/postgresql-common/createcluster.d")
    if folder.is_dir():
        (folder / "clinic.conf").write_text("create_main_cluster = false\n")
