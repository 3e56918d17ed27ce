"""Asking the press for a paper: a process of its own, with limits. No Odoo."""

import base64
import json
import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

PRESS = Path(__file__).with_name("press.py")
#: Bytes of memory and seconds that a paper may take.
MEMORY, SECONDS = 2 * 2**30, 120
#: What the process sees of this one's environment: nothing that is a secret.
PASSED_ON = ("PATH", "LANG", "LC_ALL", "FONTCONFIG_PATH", "FONTCONFIG_FILE", "TMPDIR")


class NotSet(Exception):
    """The paper could not be set; why, in words for a log."""


def _limits():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def make(papers, sheet, fetch, title="", variant="pdf/a-3u", seconds=SECONDS):
    """Set papers and return one PDF.

    :param list papers: dicts with ``body``, a whole page, and ``header`` and ``footer``
    :param dict sheet: width, height and margins in millimetres
    :param fetch: takes an address, returns ``(content, type)`` or nothing
    :param str variant: the kind of PDF/A; empty for a plain one
    :return bytes: the PDF
    :raises NotSet: the process failed, took too long or too much
    """
    # -I: neither the working directory nor the caller's settings lead it astray.
    with subprocess.Popen(
        [sys.executable, "-I", "-W", "ignore", str(PRESS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_limits,
        env={name: os.environ[name] for name in PASSED_ON if name in os.environ},
    ) as process:
        said = []
        reader = threading.Thread(
            target=lambda: said.extend(process.stderr), daemon=True
        )
        reader.start()
        timer = threading.Timer(seconds, process.kill)
        timer.start()
        try:
            order = {"papers": papers, "sheet": sheet}
            pdf = _talk(process, order | {"title": title, "variant": variant}, fetch)
        except (OSError, ValueError):
            pdf = None
        finally:
            timer.cancel()
            process.kill()
        reader.join(5)
    if pdf is None:
        raise NotSet("".join(said[-8:]).strip() or f"no answer in {seconds} seconds")
    return pdf


def _talk(process, order, fetch):
    """Give the order, answer what is asked, take the paper; nothing where it ended."""
    process.stdin.write(json.dumps(order) + "\n")
    process.stdin.flush()
    for line in process.stdout:
        word = json.loads(line)
        if "pdf" in word:
            return base64.b64decode(word["pdf"])
        found = fetch(word["fetch"])
        answer = None
        if found:
            content, kind = found
            answer = {"data": base64.b64encode(content).decode(), "type": kind}
        process.stdin.write(json.dumps(answer) + "\n")
        process.stdin.flush()
    return None
