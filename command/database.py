"""Databases: the template with what our addons build on, the demo clinic.

A template is made once for a version of Odoo and a set of modules, kept in
the user's cache, and copied: that takes seconds instead of a minute.
"""

import ast
import contextlib
import re
import shutil
from pathlib import Path

from . import cache, odoo, odoo_tree, place
from .steps import Failure, run


def addons():
    """{name: manifest} of the addons in this checkout that can be installed."""
    found = {}
    for path in sorted(place.ADDONS.glob("*/__manifest__.py")):
        try:
            manifest = ast.literal_eval(path.read_text())
        except (SyntaxError, ValueError) as error:
            raise Failure(
                f"{path} cannot be read: {error}",
                hint="a manifest is one Python dictionary of plain values",
            ) from error
        if manifest.get("installable", True):
            found[path.parent.name] = manifest
    return found


def outside_dependencies():
    """The modules of others that our addons build on, in a fixed order."""
    ours = addons()
    names = {"base", "web"}
    for manifest in ours.values():
        names.update(set(manifest.get("depends", ())) - set(ours))
    return sorted(names)


def addon_stamps():
    """{addon: key over its files}, to know what changed since the last run."""
    return {name: place.tree_fingerprint(place.ADDONS / name) for name in addons()}


def template_name():
    """The name of the template for this Odoo and these modules."""
    key = place.fingerprint(odoo_tree.key(), *outside_dependencies())
    return f"clinic_template_{key}"


def filestore(data_dir, database):
    """Where Odoo keeps the attachments of a database."""
    return Path(data_dir) / "filestore" / database


def ensure_template(server, data_dir):
    """The step: the template is in this server, from the cache or built."""
    name = template_name()
    if name in server.databases() and filestore(data_dir, name).exists():
        return "all there"
    building = f"{name}_new"
    server.drop(building)
    shutil.rmtree(filestore(data_dir, building), ignore_errors=True)
    cached = cache.entry("template", name)
    if cached.exists():
        restore(server, data_dir, building, cached)
        words = "from your cache"
    else:
        server.create(building)
        odoo.install(server, building, data_dir, outside_dependencies(), "template")
        store(server, data_dir, building, name)
        odoo_tree.keep()
        words = f"built, {len(outside_dependencies())} modules"
    rename(server, data_dir, building, name)
    return words


def rename(server, data_dir, old, new):
    """Give a finished database its name; its files move first."""
    server.drop(new)
    files = filestore(data_dir, new)
    shutil.rmtree(files, ignore_errors=True)
    filestore(data_dir, old).mkdir(parents=True, exist_ok=True)
    filestore(data_dir, old).rename(files)
    server.query(f'ALTER DATABASE "{old}" RENAME TO "{new}"')


def store(server, data_dir, database, name):
    """Keep a database and its files in the user's cache."""
    fresh = place.CACHE / "template" / f"{name}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    run(
        ["pg_dump", "-Fc", "-Z1", "-f", fresh / "database.dump", database],
        "template",
        "the template could not be saved",
        env=server.env(),
    )
    files = filestore(data_dir, database)
    files.mkdir(parents=True, exist_ok=True)
    cache.link_tree(files, fresh / "filestore")
    cache.keep(fresh, "template", name)
    shutil.rmtree(fresh, ignore_errors=True)


def restore(server, data_dir, database, cached):
    """Bring a kept database back."""
    server.create(database)
    run(
        ["pg_restore", "--no-owner", "-j2", "-d", database, cached / "database.dump"],
        "template",
        "the template in your cache could not be restored",
        hint=f"remove {cached}",
        env=server.env(),
        alone=True,
    )
    server.query("ANALYZE", database)
    cache.link_tree(cached / "filestore", filestore(data_dir, database))


def copy(server, data_dir, source, target):
    """A new database that equals another, files included."""
    server.drop(target)
    server.create(target, source)
    files = filestore(data_dir, target)
    shutil.rmtree(files, ignore_errors=True)
    filestore(data_dir, source).mkdir(parents=True, exist_ok=True)
    cache.link_tree(filestore(data_dir, source), files)
    # Each database signs its links and sessions with a secret of its own.
    server.query(
        "UPDATE ir_config_parameter SET value = gen_random_uuid()::text "
        "WHERE key IN ('database.uuid', 'database.secret')",
        target,
    )


def discard(server, data_dir, database):
    """Remove a throw-away database and its files."""
    server.drop(database)
    shutil.rmtree(filestore(data_dir, database), ignore_errors=True)


def ensure_demo(server, data_dir, before=None):
    """The step: the demo clinic exists and has the addons of this checkout.

    It is built under another name and appears when it is complete; nothing
    here ever drops a database a person may have worked in.

    :param before: called before the database of a site that may run is changed
    """
    name = server.database
    stamps = addon_stamps()
    if name not in server.databases():
        building = f"{name}_building"
        copy(server, data_dir, template_name(), building)
        install_with_demo(server, building, data_dir, list(stamps))
        rename(server, data_dir, building, name)
        place.write_state(addons=stamps)
        return f"made, {len(stamps)} addons"
    if not filestore(data_dir, name).exists() and not stamps:
        filestore(data_dir, name).mkdir(parents=True)
    known = place.read_state().get("addons", {})
    there = installed(server, name)
    new = [addon for addon in stamps if addon not in there]
    changed = [a for a in stamps if a in there and known.get(a) != stamps[a]]
    if new or changed:
        if before:
            before()
        with way_out():
            install_with_demo(server, name, data_dir, new, changed)
        place.write_state(addons=stamps)
        return f"{len(new)} new, {len(changed)} updated"
    return "all there"


@contextlib.contextmanager
def way_out():
    """Work that brings a database up to the code: when it fails, what can be done.

    :raises Failure: the work's own, with the way out
    """
    try:
        yield
    except Failure as failure:
        failure.hint = (
            "correct what the log says, if it is a change of yours. If this demo "
            "clinic was made long before the code that is here now, nothing carries it "
            "over: go back to the code that made it, or give up its data with "
            "`./clinic reset`"
        )
        raise


def set_address(server, url):
    """Tell the demo clinic where it is: links in mails, styles of its PDF files."""
    for key in ("web.base.url", "report.url"):
        server.query(
            "INSERT INTO ir_config_parameter (key, value)"
            f" VALUES ('{key}', '{url}') ON CONFLICT (key)"
            " DO UPDATE SET value = EXCLUDED.value",
            server.database,
        )


def install_with_demo(server, database, data_dir, new, changed=(), log="install"):
    """Install addons with the demo clinic, without Odoo's own demo records.

    Odoo loads an addon's demo data when all it depends on has the mark
    «demo»; the mark is set for the time of the installation, so that the
    clinic's lists hold no furniture shop.
    """
    there = installed(server, database)
    bare = [name for name in outside_dependencies() if name not in there]
    if bare:
        odoo.install(server, database, data_dir, bare, log)
    ours = ", ".join(f"'{name}'" for name in addons()) or "''"
    server.query(
        "UPDATE ir_module_module SET demo = true WHERE state = 'installed'", database
    )
    try:
        path = odoo.install(server, database, data_dir, new, log, changed)
    finally:
        server.query(
            f"UPDATE ir_module_module SET demo = false WHERE name NOT IN ({ours})",
            database,
        )
    failed = re.findall(r"Module (\w+) demo data failed", path.read_text())
    if failed:
        raise Failure(f"the demo data of {failed[-1]} failed to load", path)


def installed(server, database):
    """The names of the modules installed in a database."""
    return server.query(
        "SELECT name FROM ir_module_module WHERE state = 'installed'", database
    ).split("\n")


def demo_logins(server):
    """[(login, name)] of the demo clinic's users, one of every role."""
    rows = server.query(
        "SELECT u.login, p.name FROM ir_model_data d "
        "JOIN res_users u ON u.id = d.res_id JOIN res_partner p ON p.id = u.partner_id "
        "WHERE d.model = 'res.users' AND d.module LIKE 'clinic\\_%' "
        "AND d.name LIKE 'demo\\_user\\_%' AND u.active ORDER BY u.login",
        server.database,
    )
    return [tuple(row.split("\t")) for row in rows.splitlines()]
