"""Addons as packages: what stores show of them, and the command build.

From its manifest and the fragments in `readme/` each addon gets a README.md (for PyPI),
a page for Odoo's list of apps, an icon and a pyproject.toml (for pip). OCA's program
for that is not on PyPI.
"""

import shutil
import subprocess
import sys

from . import database, odoo_tree, place, python_env, setup
from .steps import Failure, environment, say, step

WHEELS = place.HOME / "wheels"
#: Fragment → heading, in OCA's order.
FRAGMENTS = {
    "DESCRIPTION": None,
    "CONTEXT": "Context",
    "INSTALL": "Installation",
    "CONFIGURE": "Configuration",
    "USAGE": "Usage",
    "ROADMAP": "Known issues",
    "HISTORY": "Changelog",
    "CONTRIBUTORS": "Contributors",
}
PROJECT = """\
[build-system]
requires = ["whool"]
build-backend = "whool.buildapi"
"""
#: Of an addon that brings no icon of its own.
ICON = place.ADDONS / "clinic_patient" / "static" / "description" / "icon.png"
PAGE = """\
<section class="oe_container">
<h2 class="oe_slogan">{name}</h2>
<h3 class="oe_slogan">{summary}</h3>
{body}
</section>
"""


def readme(folder, manifest):
    """The text of an addon's README.md.

    :raises Failure: the addon has no words about itself
    """
    parts = [f"# {manifest['name']}", manifest["summary"] + "."]
    for name, heading in FRAGMENTS.items():
        path = folder / "readme" / f"{name}.md"
        if path.exists():
            parts += [f"## {heading}"] if heading else []
            parts.append(path.read_text().strip())
        elif name == "DESCRIPTION":
            raise Failure(f"{path} is missing", hint="write what the addon is for")
    return "\n\n".join(parts) + "\n"


def page(folder, manifest):
    """The page of an addon in Odoo's list of apps, HTML."""
    from html import escape

    from markdown import markdown

    text = readme(folder, manifest).split("\n\n", 2)[2]
    return PAGE.format(
        name=escape(manifest["name"]),
        summary=escape(manifest["summary"]),
        body=markdown(text, extensions=["tables", "fenced_code"]),
    )


def wanted(folder, manifest):
    """{path: bytes} of what belongs to an addon besides its code."""
    description = folder / "static" / "description"
    files = {
        folder / "pyproject.toml": PROJECT.encode(),
        folder / "README.md": readme(folder, manifest).encode(),
        description / "index.html": page(folder, manifest).encode(),
    }
    if ICON.exists() and not (description / "icon.png").exists():
        files[description / "icon.png"] = ICON.read_bytes()
    return files


def main(fix=False):
    """Check what belongs to each addon, or write it; the exit code."""
    stale = []
    try:
        for name, manifest in database.addons().items():
            for path, content in wanted(place.ADDONS / name, manifest).items():
                if path.exists() and path.read_bytes() == content:
                    continue
                stale.append(str(path.relative_to(place.ROOT)))
                if fix:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content)
    except Failure as failure:
        print(f"{failure.what}: {failure.hint}")
        return 1
    if stale and not fix:
        print(f"not what manifest and readme/ say: {', '.join(stale)}: lint --fix")
    return 1 if stale and not fix else 0


def build():
    """The command build: one wheel for each addon in .clinic/wheels; the exit code."""
    with setup.lock():
        step("Odoo 19", odoo_tree.ensure)
        step("Python packages", python_env.ensure)
        step("wheels", make)
    say()
    say("In the environment of an Odoo 19 (docs/administrator.md says more):")
    say(f"  pip install -r requirements.txt; pip install --no-deps {WHEELS}/*.whl")
    return 0


def make():
    """The step: a wheel of every addon, from the files that git knows."""
    shutil.rmtree(WHEELS, ignore_errors=True)
    WHEELS.mkdir(parents=True)
    for name in database.addons():
        wheel(name)
    return f"{len(list(WHEELS.glob('*.whl')))} in {WHEELS.relative_to(place.ROOT)}/"


def wheel(name):
    """Build the wheel of one addon, with its manifest's version."""
    done = subprocess.run(
        [
            *(str(place.PYTHON), "-c"),
            f"from whool.buildapi import build_wheel; build_wheel({str(WHEELS)!r})",
        ],
        cwd=place.ADDONS / name,
        env=environment(WHOOL_POST_VERSION_STRATEGY_OVERRIDE="none"),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise Failure(f"{name} could not be built: {done.stderr.strip()[-500:]}")


if __name__ == "__main__":
    sys.exit(main("--fix" in sys.argv))
