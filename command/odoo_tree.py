"""Odoo 19 itself: the caller's own, or Debian's package unpacked in .clinic/.

The package `odoo-19` lives in Debian's sid suite only. It is downloaded and
unpacked, never installed, so that nothing of sid reaches the machine.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from . import cache, place
from .steps import Failure, environment, run, say

VERSION = "19.0.0+dfsg-1"
SHA256 = "9d2f598b0555db17e291d48ed24df184c70823c053c4c5ed53c467ca7f629bbf"
# JavaScript and fonts the package links to by relative paths: without them
# every page answers 500. Fonts of the second list have other file names in sid.
FROM_SID = (
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-roboto-unhinted",
    "fonts-montserrat",
    "fonts-ocr-b",
)
FROM_STABLE = ("fonts-font-awesome", "fonts-inconsolata")
UNPACKED = place.HOME / "odoo"
LIBRARY = Path("usr/lib/python3/dist-packages")
OFFLINE_HINT = (
    "check the network; or set ODOO_HOME to the folder of an Odoo 19 source checkout"
)


def find():
    """The folder that holds the `odoo` package, without fetching anything.

    ODOO_HOME first; then what was unpacked here; then an Odoo 19 that the
    caller's python3 can already import.
    """
    asked = os.environ.get("ODOO_HOME")
    if asked:
        home = Path(asked).expanduser().resolve()
        for folder in (home, home / LIBRARY):
            if (folder / "odoo" / "release.py").exists():
                return check_version(folder)
        raise Failure(
            f"ODOO_HOME={asked} holds no odoo/release.py",
            hint="set it to the folder of an Odoo 19 source checkout, or unset it",
        )
    if (UNPACKED / LIBRARY / "odoo" / "release.py").exists():
        return UNPACKED / LIBRARY
    return importable()


def check_version(folder):
    """The folder when it holds Odoo 19.0, a Failure otherwise."""
    if release(folder) != "19.0":
        raise Failure(
            f"{folder} holds Odoo {release(folder)}; this suite is for 19.0",
            hint="point ODOO_HOME at a 19.0 checkout, or unset it",
        )
    return folder


def release(folder):
    """The series an `odoo` package says it is, «19.0»."""
    text = (Path(folder) / "odoo" / "release.py").read_text()
    found = re.search(r"^version_info = \((\d+), (\d+)", text, re.MULTILINE)
    return ".".join(found.groups()) if found else "unknown"


def importable():
    """The folder of an Odoo 19 that python3 imports outside of this project."""
    answer = subprocess.run(
        [sys.executable, "-c", "import odoo.release as r; print(r.__file__)"],
        capture_output=True,
        text=True,
        cwd="/",
    )
    if answer.returncode:
        return None
    folder = Path(answer.stdout.strip()).parent.parent
    return folder if release(folder) == "19.0" else None


def key():
    """A word for the exact Odoo in use; templates are kept by it."""
    folder = find()
    if folder == UNPACKED / LIBRARY:
        return place.fingerprint((UNPACKED / "version").read_text())
    head = subprocess.run(
        ["git", "-C", folder, "rev-parse", "HEAD"], capture_output=True, text=True
    )
    text = (folder / "odoo" / "release.py").read_text()
    return place.fingerprint(folder, text, head.stdout)


def ensure():
    """The step: an Odoo 19 to run is there."""
    folder = find()
    if folder:
        fill_gaps(folder)
        inside = folder == UNPACKED / LIBRARY
        return "all there" if inside else str(folder)
    cached = cache.entry("odoo", place.fingerprint(VERSION))
    if cached.exists():
        cache.link_tree(cached, UNPACKED)
        return "from your cache"
    packages = download()
    unpack(packages)
    return "unpacked"


def keep():
    """Cache the unpacked tree, compiled files included."""
    version = UNPACKED / "version"
    if version.exists() and version.read_text() == VERSION:
        cache.keep(UNPACKED, "odoo", place.fingerprint(VERSION))


def download():
    """The .deb files, from the cache or from the machine's own Debian mirror."""
    folder = place.CACHE / "debs"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = ("odoo-19", *FROM_SID, *FROM_STABLE)
    if not all(newest(folder, name) for name in wanted):
        apt = private_apt()
        for name in ("odoo-19", *FROM_SID):
            if not newest(folder, name):
                fetch(apt, folder, name, "sid")
        for name in FROM_STABLE:
            if not newest(folder, name):
                fetch(apt, folder, name, codename())
    packages = [newest(folder, name) for name in wanted]
    check_odoo(packages[0])
    return packages


def newest(folder, name):
    """The downloaded file of a package, or None."""
    files = sorted(folder.glob(f"{name}_*.deb"), key=lambda path: path.stat().st_mtime)
    return files[-1] if files else None


def check_odoo(path):
    """The pinned version must have the pinned content; a newer one is said."""
    version = deb_version(path)
    if version != VERSION:
        if not version.startswith("19.0"):
            path.unlink()
            raise Failure(f"the mirror offers odoo-19 {version}, not 19.0")
        say(f"    note: Odoo {version} from the signed archive (tested: {VERSION})")
    elif hashlib.sha256(path.read_bytes()).hexdigest() != SHA256:
        path.unlink()
        raise Failure(
            f"{path.name} is not the file this project was tested with (SHA-256)",
            hint="it was removed and will be downloaded anew",
        )


def deb_version(path):
    """The version field of a .deb file."""
    answer = subprocess.run(
        ["dpkg-deb", "-f", path, "Version"], capture_output=True, text=True, check=True
    )
    return answer.stdout.strip()


def fetch(apt, folder, name, suite):
    """Download one package, the pinned version of Odoo if it is offered."""
    what = f"{name} could not be downloaded from the Debian mirror"

    def get(spec, check=True):
        return run(
            ["apt-get", *apt, "download", spec],
            "odoo",
            what,
            OFFLINE_HINT,
            check=check,
            cwd=folder,
        )

    if name != "odoo-19" or get(f"{name}={VERSION}", check=False):
        get(f"{name}/{suite}")


def private_apt():
    """Options that give apt a source list and lists folder of this project.

    The machine's own sources are not touched. A mirror frozen at an older
    day is accepted: the signature still counts.
    """
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise Failure("no Odoo 19 found, and no apt to fetch it", hint=OFFLINE_HINT)
    folder = place.HOME / "apt"
    for name in ("lists/partial", "archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    mirror, keyring = debian_mirror()
    lines = [
        f"deb [signed-by={keyring}] {mirror} {suite} main\n"
        for suite in ("sid", codename())
    ]
    (folder / "sources.list").write_text("".join(lines))
    options = {
        "Dir::Etc::SourceList": folder / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::Etc::PreferencesParts": "/dev/null",
        "Dir::State::lists": folder / "lists",
        "Dir::Cache::archives": folder / "archives",
        "Dir::Cache::pkgcache": "",
        "Dir::Cache::srcpkgcache": "",
        "Acquire::Check-Valid-Until": "false",
        "Acquire::Check-Date": "false",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
        "APT::Sandbox::User": "",
    }
    arguments = []
    for name, value in options.items():
        arguments += ["-o", f"{name}={value}"]
    run(
        ["apt-get", *arguments, "update", "-q"],
        "odoo",
        "the Debian mirror could not be read",
        OFFLINE_HINT,
        env=environment(LC_ALL="C"),
    )
    return arguments


def debian_mirror():
    """The (address, keyring) of the Debian archive this machine uses."""
    keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
    asked = os.environ.get("CLINIC_DEBIAN_MIRROR")
    if asked:
        return asked, keyring
    for address, suites in apt_sources():
        if codename() in suites:
            return address, keyring
    raise Failure(
        "no Debian archive among this machine's apt sources",
        hint="set ODOO_HOME to an Odoo 19 source checkout, or "
        "CLINIC_DEBIAN_MIRROR to a Debian mirror (and install "
        "debian-archive-keyring)",
    )


def apt_sources(etc=Path("/etc/apt")):
    """(address, suites) of every apt source, in both of apt's file formats."""
    for path in [etc / "sources.list", *sorted(etc.glob("sources.list.d/*"))]:
        if not path.is_file():
            continue
        text = path.read_text(errors="replace")
        if path.suffix == ".sources":
            for stanza in re.split(r"\n\s*\n", text):
                fields = dict(re.findall(r"^([\w-]+):\s*(.*)$", stanza, re.MULTILINE))
                for address in fields.get("URIs", "").split():
                    yield address, fields.get("Suites", "").split()
        elif path.suffix == ".list":
            for line in text.splitlines():
                found = re.match(r"deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+(\S+)", line)
                if found:
                    yield found[1], [found[2]]


def codename():
    """The name of this machine's Debian release, «bookworm»."""
    text = Path("/etc/os-release").read_text()
    found = re.search(r'^VERSION_CODENAME="?(\w+)', text, re.MULTILINE)
    return found[1] if found else "stable"


def unpack(packages):
    """Unpack the packages into one root, whole or not at all."""
    fresh = UNPACKED.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    for package in packages:
        run(["dpkg-deb", "-x", package, fresh], "odoo", f"{package.name} is damaged")
    dangling = [p for p in (fresh / LIBRARY).rglob("*") if not p.exists()]
    if dangling:
        raise Failure(
            f"{len(dangling)} files of Odoo point nowhere, first {dangling[0]}",
            hint=f"remove {place.CACHE / 'debs'} to download the packages anew",
        )
    fill_gaps(fresh / LIBRARY)
    (fresh / "version").write_text(deb_version(packages[0]))
    fresh.rename(UNPACKED)


def fill_gaps(folder):
    """Put an empty file where Debian left one out.

    The web client asks for it, and a backend tour fails on the console
    error of a missing file.
    """
    for root in (folder / "odoo" / "addons", folder / "addons"):
        mail = root / "mail" / "static"
        path = mail / "lib" / "selfie_segmentation" / "selfie_segmentation.js"
        if mail.exists() and not path.exists():
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
            except OSError as error:
                raise Failure(
                    f"{path} is missing and cannot be made: {error}",
                    hint="create it empty as the owner of that folder",
                ) from error
