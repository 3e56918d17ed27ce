"""The running demo site: up, stop, reset, update, shell, psql."""

import contextlib
import os
import shutil
import sys
import time

from . import (
    database,
    gateway,
    nginx,
    odoo,
    odoo_tree,
    place,
    ports,
    postgres,
    processes,
    python_env,
    setup,
)
from . import language as languages
from .steps import Failure, say, step


def up(workers=0, detach=False, language=None):
    """Make the demo clinic ready, serve it, say where it is.

    :param language: Odoo's code of the one it speaks from now on; None: as before
    """
    started = time.monotonic()
    if language:
        languages.check(language)
    with setup.lock():
        server = setup.demo(nginx=bool(workers), before=stop_serving)
        if language:
            step("language", languages.ensure, server, language, stop_serving)
        already = processes.running("odoo")
        if already and place.read_state().get("served") == served(workers):
            say("  already running")
            process, ours = already, False
        else:
            process, ours = serve(server, workers), True
    say()
    say(f"Ready in {time.monotonic() - started:.0f} s.")
    say(addresses(server))
    if detach or not ours:
        say("It runs in the background; `./clinic stop` ends it.")
        return 0
    return stay(process, server)


def served(workers):
    """A word for what a running site was started with: its code and settings.

    A process keeps the code that it read; one that runs on after a change would work
    on a database that is ahead of it.
    """
    settings = [place.ROOT / name for name in ("odoo.conf", "deploy/nginx.conf")]
    return place.fingerprint(
        workers,
        *sorted(database.addon_stamps().items()),
        *(path.read_bytes() for path in settings),
        place.tree_fingerprint(place.ROOT / "gateway"),
        python_env.stamp(),
        odoo_tree.key(),
    )


def stop_serving():
    """Stop the site before its database is changed; it is started anew afterwards."""
    processes.stop("nginx")
    if processes.stop("odoo"):
        say("  stopped the site: its database is changed")


def prepared():
    """The demo clinic's server; a site that ran and was changed runs again."""
    running, workers = processes.running("odoo"), place.read_state().get("workers", 0)
    server = setup.demo(before=stop_serving)
    if running and not processes.running("odoo"):
        serve(server, workers)
    return server


def serve(server, workers):
    """Start the servers; returns Odoo's process once the site answers."""
    processes.stop("nginx")
    processes.stop("odoo")
    gateway.stop()
    asked = os.environ.get("CLINIC_PORT")
    http = ports.http_port()
    if not ports.is_free(http):
        if asked:
            raise Failure(
                f"port {http} is taken by another program",
                hint="set CLINIC_PORT to a free port",
            )
        http = ports.renew("http")
    inner = ports.fresh("odoo") if workers else http
    gevent = ports.fresh("gevent")
    odoo.write_conf(server, setup.DATA, inner, gevent, workers, server.database)
    place.write_state(workers=workers, http=http)
    database.set_address(server, f"http://127.0.0.1:{http}")
    step("telephones (demo gateway)", gateway.start, server, http)
    process = step(
        f"site, {workers} workers" if workers else "site", start, server, http, inner
    ) and processes.running("odoo")
    place.write_state(served=served(workers))
    return process


def start(server, http, inner):
    """Start Odoo, and nginx when Odoo is not the one that listens."""
    process = odoo.start(server, inner if inner != http else None)
    try:
        if inner != http:
            gevent = ports.port("gevent")
            nginx.start(http, inner, gevent)
        log = place.log_path("odoo")
        odoo.wait_for(f"http://127.0.0.1:{http}/", process, log)
        if inner != http:
            odoo.wait_for(f"http://127.0.0.1:{http}/websocket/health", process, log)
    except BaseException:
        processes.stop("nginx")
        processes.stop("odoo")
        raise
    return f"port {http}"


def stay(process, server):
    """Wait until the site ends or Ctrl-C; then stop what this run started."""
    say(f"Log: {place.log_path('odoo')}. Ctrl-C stops it.")
    try:
        while process.poll() is None:
            processes.reap(process.pid)
            time.sleep(0.5)
    except KeyboardInterrupt:
        say()
        processes.stop("nginx")
        processes.stop("odoo")
        gateway.stop()
        if server.started:
            server.stop()
        say("Stopped.")
        return 0
    processes.stop("nginx")
    gateway.stop()
    if server.started:
        server.stop()
    raise Failure("the site ended by itself", place.log_path("odoo"))


def addresses(server):
    """The text with the address and who can log in."""
    state = place.read_state()
    base = f"http://127.0.0.1:{state['http']}"
    phones = []
    if processes.running("gateway"):
        phones = [f"Phones: http://127.0.0.1:{state['gateway']}/"]
    logins = database.demo_logins(server)
    width = max([len(login) for login, _ in logins] + [5])
    lines = [
        f"Site:   {base}/",
        f"Staff:  {base}/web/login",
        *phones,
        "Log-ins (the password is the same word as the login):",
        *(f"  {login:<{width}}  {name}" for login, name in logins),
        f"  {'admin':<{width}}  Administrator of everything",
    ]
    return "\n".join(lines)


def stop():
    """Stop the servers of this checkout."""
    stopped = [name for name in processes.names() if processes.stop(name)]
    for name in ("demo", "test"):
        if postgres.Cluster(name).stop():
            stopped.append(f"PostgreSQL ({name})")
    say(f"Stopped: {', '.join(stopped)}." if stopped else "Nothing was running.")
    return 0


def forget_damage():
    """Begin without what earlier runs decided, where nobody can read it."""
    try:
        place.read_state()
    except place.Damaged:
        place.STATE.unlink()


def reset(yes=False):
    """Remove the demo clinic and all its data, after asking."""
    outside = os.environ.get("CLINIC_DATABASE_URL")
    forget_damage()
    what = f"database {postgres.cluster().database}" if outside else "all databases"
    if not yes:
        if not sys.stdin.isatty():
            raise Failure(
                "reset removes data and asks first, but nobody can answer here",
                hint="./clinic reset --yes",
            )
        answer = input(f"This removes {what} of {place.ROOT} for good. Type yes: ")
        if answer.strip().lower() != "yes":
            say("Nothing was removed.")
            return 1
    stop()
    if outside:
        server = postgres.cluster()
        for name in (server.database, database.template_name()):
            database.discard(server, setup.DATA, name)
    else:
        folder = place.HOME / "postgres"
        shutil.rmtree(folder.resolve(), ignore_errors=True)
        if folder.is_symlink():
            folder.unlink()
    gateway.forget()
    for folder in (setup.DATA, setup.TEST_DATA, place.RUN, place.LOGS):
        shutil.rmtree(folder, ignore_errors=True)
    for path in (place.STATE, place.BEFORE):
        path.unlink(missing_ok=True)
    ports.release()
    say("Removed. `./clinic up` makes a new demo clinic.")
    return 0


def update(modules):
    """Update modules in the demo clinic; a running site is restarted."""
    with setup.lock():
        server = prepared()
        names = list(database.addons()) if modules == ["all"] else modules
        unknown = set(names) - set(database.installed(server, server.database))
        if unknown:
            raise Failure(
                f"not installed: {', '.join(sorted(unknown))}",
                hint="name installed modules, or `all` for every addon here",
            )
        was = place.read_state().get("workers", 0)
        running = processes.stop("odoo")
        processes.stop("nginx")
        step("update", run_update, server, names)
        if running:
            serve(server, was)
            say(addresses(server))
    return 0


def run_update(server, names):
    """One run of Odoo that updates the modules."""
    with database.way_out():
        odoo.install(server, server.database, setup.DATA, [], "update", names)
    place.write_state(addons=database.addon_stamps())
    return ", ".join(names)


def ready():
    """The demo clinic's server; progress goes where it spoils no output."""
    with contextlib.redirect_stdout(sys.stderr), setup.lock():
        return prepared()


def shell(arguments):
    """Odoo's Python shell on the demo clinic."""
    server = ready()
    command = [place.PYTHON, place.ODOO, "shell"]
    command += odoo.arguments(server, server.database, setup.DATA)
    command += ["--no-http", *arguments]
    os.execvpe(command[0], [str(part) for part in command], odoo.env(server))


def psql(arguments):
    """PostgreSQL's shell on the demo clinic."""
    server = ready()
    os.execvpe("psql", ["psql", "-d", server.database, *arguments], server.env())
