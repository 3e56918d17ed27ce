"""A second checkout of this project, for the tests of the command itself."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from command import place

PROBE = Path(__file__).parent / "probe" / "clinic_probe"
INHERITED = ("PG", "CLINIC_", "ODOO_", "PYTHON", "PYTEST", "HYPOTHESIS", "TMPDIR")


class Checkout:
    """A copy of the tracked files in a folder, with its own .clinic/."""

    def __init__(self, folder, addons=None):
        self.folder = Path(folder)
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=place.ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        for name in filter(None, listed.stdout.split("\0")):
            if (place.ROOT / name).is_file():
                target = self.folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(place.ROOT / name, target)
        if addons:
            shutil.rmtree(self.folder / "addons", ignore_errors=True)
            shutil.rmtree(self.folder / "tests")
            for addon in addons:
                shutil.copytree(addon, self.folder / "addons" / Path(addon).name)
            (self.folder / "tests").mkdir()
            shutil.copy(place.ROOT / "tests" / "pytest.ini", self.folder / "tests")
            self.write("tests/test_nothing.py", "def test_nothing():\n    pass\n")

    def write(self, name, text):
        """Put a file into the checkout."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def replace(self, name, old, new):
        """Change a file of the checkout."""
        text = (self.folder / name).read_text()
        assert old in text
        self.write(name, text.replace(old, new))

    def run(self, *arguments, **variables):
        """Run ./clinic there; (exit code, output)."""
        env = {k: v for k, v in os.environ.items() if not k.startswith(INHERITED)}
        done = subprocess.run(
            ["./clinic", *arguments],
            cwd=self.folder,
            env=env | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=900,
        )
        return done.returncode, done.stdout

    def up(self, *options):
        """Run `./clinic up --detach`; (output, address of the site)."""
        code, output = self.run("up", "--detach", *options)
        assert code == 0, output
        return output, re.search(r"Site: +(http://\S+)", output)[1]

    def remove(self):
        """Stop what runs there and remove all of it."""
        if (self.folder / ".clinic").exists():
            self.run("reset", "--yes")
        shutil.rmtree(self.folder, ignore_errors=True)
