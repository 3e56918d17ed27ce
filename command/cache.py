"""What was downloaded or built once is kept for the user's next checkout."""

import os
import shutil
import tempfile
from pathlib import Path

from . import place


def entry(kind, key):
    """The place of a cached thing; it is complete when it exists."""
    return place.CACHE / kind / key


def link_tree(source, target):
    """Copy a folder by hard links; by bytes where links are impossible.

    The target appears whole or not at all.
    """
    target = Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=target.name + ".", dir=target.parent))

    def link(origin, copy):
        try:
            os.link(origin, copy, follow_symlinks=False)
        except OSError:
            shutil.copy2(origin, copy, follow_symlinks=False)
        return copy

    try:
        shutil.copytree(
            source, fresh, symlinks=True, copy_function=link, dirs_exist_ok=True
        )
        fresh.chmod(0o755)
        fresh.rename(target)
    except OSError:
        shutil.rmtree(fresh, ignore_errors=True)
        if not target.exists():
            raise


def keep(source, kind, key):
    """Put a folder in the cache; a full disk there only costs time later."""
    target = entry(kind, key)
    if target.exists():
        return
    try:
        link_tree(source, target)
    except OSError:
        shutil.rmtree(target, ignore_errors=True)
