"""The releases that README.md names, each tried: a bare system, and `./clinic up`.

A system is made with debootstrap from the machine's own Debian mirror, in a folder
that is removed again. What runs there has mounts and processes of its own: when the
trial ends, well or not, the kernel ends and unmounts them with it.
"""

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from . import odoo_tree, place, ports, system
from .steps import Failure, run, say, step
from .tally import Tally

#: What we say it runs on: name → what Debian calls it.
RELEASES = {"Debian 12": "bookworm", "Debian 13": "trixie"}
#: What a newcomer's machine has before the first command.
BARE = "python3,ca-certificates"
#: What tells programs the way out of this machine.
WAY_OUT = re.compile(
    r"(?i)^(https?_proxy|no_proxy|all_proxy|PIP_(CERT|.*TIMEOUT|.*INDEX.*))$"
)
ROOM = Path("root/clinic")


def test():
    """The command `test --releases`; the exit code."""
    if os.geteuid() or not shutil.which("apt-get"):
        raise Failure(
            "the releases can be tried by root on Debian only",
            hint="run it as root; it changes nothing outside of a folder in /var/tmp",
        )
    if not shutil.which("debootstrap"):
        step("debootstrap", system.install, ["debootstrap"])
    started = time.monotonic()
    tally = Tally("releases")
    for name, suite in RELEASES.items():
        say(f"{name} ({suite})")
        try:
            attempt(suite)
            tally.check(name, True)
        except Failure as failure:
            tail = log(suite).read_text(errors="replace").splitlines()[-20:]
            tally.fail(name, [failure.what, *tail, f"log {log(suite)}"])
    say()
    tally.show()
    say(f"Took {time.monotonic() - started:.0f} s. Logs: {place.LOGS}")
    say(tally)
    return 1 if tally.failures else 0


def log(suite):
    """The log of a release's trial."""
    return place.log_path(f"release-{suite}")


def attempt(suite):
    """Try one release; a Failure when it does not do what README.md says."""
    log(suite).unlink(missing_ok=True)
    with bare_folder(suite) as root:
        step("  bare system", bootstrap, suite, root)
        step("  its way to the network", connect, suite, root)
        step("  checkout", copy_checkout, root / ROOM)
        step("  what a newcomer does", enter, suite, root)


@contextlib.contextmanager
def bare_folder(suite):
    """A folder for a system; it is gone at the end."""
    root = Path(tempfile.mkdtemp(prefix=f"clinic-{suite}-", dir="/var/tmp"))
    root.chmod(0o755)
    try:
        yield root
    finally:
        shutil.rmtree(root)


#: Runs a program whose mounts and processes end with it.
ALONE = ("unshare", "--mount", "--pid", "--fork", "--kill-child")


def bootstrap(suite, root):
    """Make a system that holds next to nothing."""
    mirror, keyring = odoo_tree.debian_mirror()
    run(
        [
            *(*ALONE, "debootstrap", "--variant=minbase", f"--include={BARE}"),
            *(f"--keyring={keyring}", suite, root, mirror),
        ],
        log(suite),
        f"debootstrap could not make a {suite}",
        hint="check the network and this machine's apt sources",
    )


def connect(suite, root):
    """Let programs of the system out by the ways of this machine."""
    mirror, _keyring = odoo_tree.debian_mirror()
    ours = odoo_tree.codename()
    lines = [f"deb {mirror} {suite} main\n"]
    for address, suites in odoo_tree.apt_sources():
        for extra in ("updates", "security"):
            if f"{ours}-{extra}" in suites:
                lines.append(f"deb {address} {suite}-{extra} main\n")
    (root / "etc/apt/sources.list").write_text("".join(dict.fromkeys(lines)))
    answer = subprocess.run(
        ["apt-config", "dump", "--no-empty"], capture_output=True, text=True, check=True
    )
    ways = [
        line
        for line in answer.stdout.splitlines()
        if re.match(r"Acquire::(https?|Check-)", line)
    ]
    (root / "etc/apt/apt.conf.d/99way-out").write_text("\n".join(ways) + "\n")
    for name in ("etc/resolv.conf", "etc/hosts", "etc/ssl/certs/ca-certificates.crt"):
        if Path("/", name).exists():
            shutil.copy(Path("/", name), root / name)


def copy_checkout(folder):
    """Put the files of this checkout there, without what was made in it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=place.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = [n for n in listed.stdout.split("\0") if n and (place.ROOT / n).is_file()]
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(place.ROOT / name, target)
    return f"{len(names)} files"


def enter(suite, root):
    """Do there what README.md says, and look at the answers."""
    words = {name: value for name, value in os.environ.items() if WAY_OUT.match(name)}
    words |= {
        "HOME": "/root",
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "CLINIC_PORT": str(ports.fresh("release")),
    }
    mounts = 'mount -t proc proc proc; mount -t tmpfs shm dev/shm; exec chroot . "$@"'
    trial = ["python3", "-m", "command.inside.newcomer"]
    run(
        [
            *(*ALONE, "sh", "-euc", f"cd {root}; {mounts}", "sh"),
            *("sh", "-euc", f'cd /{ROOM}; exec "$@"', "sh", *trial),
        ],
        log(suite),
        f"./clinic up does not do on {suite} what README.md says",
        env=words,
    )
    said = re.search(r"Ready in (\d+) s", log(suite).read_text(errors="replace"))
    return f"ready in {said[1]} s"
