"""What a site of its own installs: Python packages, and the addons as wheels."""

import os
import subprocess
import sys
import zipfile
from types import SimpleNamespace

import pytest
from checkout import INHERITED
from support import server

from command import database, logs, odoo, odoo_tree, packages, place, python_env, setup

pytestmark = [pytest.mark.beside, pytest.mark.long]


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A Python environment with nothing but what requirements.txt names, as the
    administrator's guide has it made: `run(program, …)` there."""
    folder = tmp_path_factory.mktemp("plain")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(INHERITED)}

    def run(*command, **variables):
        done = subprocess.run(
            [folder / "bin" / command[0], *map(str, command[1:])],
            env=kept | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert not done.returncode, done.stdout[-3000:]
        return done.stdout

    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    run("pip", "install", "-r", place.ROOT / "requirements.txt")
    (site_packages,) = folder.glob("lib/python3*/site-packages")
    (site_packages / "odoo.pth").write_text(f"{odoo_tree.find()}\n")
    script = folder / "bin" / "odoo"
    script.write_text(python_env.SCRIPT.format(python=folder / "bin" / "python"))
    script.chmod(0o755)
    return SimpleNamespace(folder=folder, run=run)


def test_plain_environment(plain):
    """`pip install -r requirements.txt` is satisfied without Odoo being known to pip,
    and Odoo runs with it where its folder is named."""
    assert "Odoo Server 19.0" in plain.run("odoo", "--version")


def test_wheels_beside_an_odoo_that_is_there(plain):
    """`./clinic build`, then pip: every addon is found without an addons path, has the
    version of its manifest, and is installed."""
    packages.make()
    wheels = sorted(packages.WHEELS.glob("*.whl"))
    ours = database.addons()
    assert len(wheels) == len(ours)
    for name, manifest in ours.items():
        assert any(f"{name}-{manifest['version']}-" in wheel.name for wheel in wheels)
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as content:
            assert any("static/description/icon.png" in n for n in content.namelist())
    plain.run("pip", "install", "--no-deps", *wheels)
    here, name, path = server(), "clinic_test_wheels", place.log_path("wheels")
    path.unlink(missing_ok=True)
    database.copy(here, setup.TEST_DATA, database.template_name(), name)
    options = odoo.arguments(here, name, setup.TEST_DATA)
    options = options[: options.index("--addons-path")]
    try:
        plain.run(
            *("odoo", *options, "-i", ",".join(ours), "--stop-after-init", "--no-http"),
            *("--max-cron-threads", 0, "--logfile", path),
            **odoo.env(here),
        )
        report = logs.read(path.read_text().splitlines())
        assert not report.complaints
        assert set(ours) <= set(database.installed(here, name))
    finally:
        database.discard(here, setup.TEST_DATA, name)
