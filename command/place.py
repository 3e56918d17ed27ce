"""Where things are: the checkout, what the command made, the user's cache."""

import contextlib
import hashlib
import json
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".clinic"
ADDONS = ROOT / "addons"
LOGS = HOME / "logs"
RUN = HOME / "run"
VENV = HOME / "venv"
PYTHON = VENV / "bin" / "python"
ODOO = VENV / "bin" / "odoo"
CONF = HOME / "odoo.conf"
STATE = HOME / "state.json"
#: What it was before the last change, should a power cut damage it.
BEFORE = HOME / "state.before"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "clinic"


def log_path(name):
    """The log file of one step or server, its folder made."""
    LOGS.mkdir(parents=True, exist_ok=True)
    return LOGS / f"{name}.log"


class Damaged(ValueError):
    """What earlier runs decided cannot be read."""


def read_state():
    """What earlier runs decided (ports, password, what was installed).

    :raises Damaged: neither it nor what it was before can be read
    """
    for path in (STATE, STATE.with_suffix(BEFORE.suffix)):
        try:
            state = json.loads(path.read_text())
        except FileNotFoundError:
            continue
        except ValueError:
            # A power cut in the wrong moment: what the run before knew is nearly
            # the same, and ports are looked at before they are used.
            continue
        if isinstance(state, dict):
            return state
    if STATE.exists():
        raise Damaged(STATE)
    return {}


def write_state(**changes):
    """Remember decisions for the next run; readable by the owner only."""
    state = read_state() | changes
    STATE.parent.mkdir(parents=True, exist_ok=True)
    fresh = STATE.with_suffix(".new")
    fresh.touch(mode=0o600)
    with fresh.open("w") as file:
        file.write(json.dumps(state, indent=2, sort_keys=True) + "\n")
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileNotFoundError, ValueError):
        json.loads(STATE.read_text())
        STATE.replace(STATE.with_suffix(BEFORE.suffix))
    fresh.replace(STATE)
    return state


def fingerprint(*parts):
    """A short key that changes when any of the parts changes."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part if isinstance(part, bytes) else str(part).encode())
        digest.update(b"\0")
    return digest.hexdigest()[:12]


def tree_fingerprint(folder, skip=("__pycache__", "tests", "readme")):
    """A key over the content of a folder, for «did this addon change?»."""
    parts = []
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and not set(relative.parts) & set(skip):
            parts += [str(relative), path.read_bytes()]
    return fingerprint(*parts)
