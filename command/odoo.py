"""Running Odoo: its command line, its configuration, its server."""

import configparser
import contextlib
import socket
import time
import urllib.error
import urllib.request

from . import place, processes
from .steps import Failure, environment, run


def arguments(server, database, data_dir):
    """Options every Odoo process of this checkout gets."""
    return [
        *("-d", database, "--db_host", server.host, "--db_port", server.port),
        *("--db_user", server.user, "--data-dir", data_dir),
        *(("--addons-path", place.ADDONS) if any(place.ADDONS.glob("*/__m*")) else ()),
    ]


def env(server, **changes):
    """Odoo's environment: the password, and no configuration of the caller's home."""
    place.HOME.mkdir(parents=True, exist_ok=True)
    (place.HOME / "empty.conf").touch()
    return server.env() | environment(
        PYTHONUNBUFFERED="1",
        ODOO_RC=place.HOME / "empty.conf",
        PGAPPNAME="clinic",
        **changes,
    )


def install(server, database, data_dir, new, log, changed=()):
    """Install and update modules; returns the log, a Failure when it fails."""
    path = place.log_path(log)
    path.unlink(missing_ok=True)
    command = [place.PYTHON, place.ODOO, *arguments(server, database, data_dir)]
    if new:
        command += ["-i", ",".join(new)]
    if changed:
        command += ["-u", ",".join(changed)]
    if not new and not changed:
        return path_touched(path)
    command += ["--stop-after-init", "--no-http", "--max-cron-threads", "0"]
    # Interrupted, an installation is done again: no need to wait for the disk.
    quick = env(server, PGOPTIONS="-c synchronous_commit=off")
    run(command, path, "Odoo could not install the modules", env=quick, alone=True)
    text = path.read_text(errors="replace")
    for line in text.splitlines():
        if " ERROR " in line or " CRITICAL " in line:
            raise Failure(
                f"Odoo logged an error while installing: {line.split(': ', 1)[-1]}",
                path,
            )
    return path


def path_touched(path):
    """An empty log of a run that had nothing to do."""
    path.touch()
    return path


def write_conf(server, data_dir, http, gevent, workers, database):
    """The configuration of the demo site: odoo.conf with this checkout's places.

    Starting from the file a real site starts from keeps that file honest.
    """
    parser = configparser.RawConfigParser()
    parser.read(place.ROOT / "odoo.conf")
    if not parser.has_section("options"):
        parser.add_section("options")
    ours = {
        "addons_path": place.ADDONS,
        "data_dir": data_dir,
        "db_host": server.host,
        "db_port": server.port,
        "db_user": server.user,
        "db_password": server.password or "False",
        "db_name": database,
        "http_interface": "127.0.0.1",
        "http_port": http,
        "gevent_port": gevent,
        "workers": workers,
        "proxy_mode": "True" if workers else "False",
    }
    for name, value in ours.items():
        parser.set("options", name, str(value))
    if not any(place.ADDONS.glob("*/__manifest__.py")):
        parser.remove_option("options", "addons_path")
    place.CONF.touch(mode=0o600)
    with place.CONF.open("w") as file:
        parser.write(file)


#: How many visitors may wait for a process in prefork mode, as in clinic.socket.
WAITING = 1024


@contextlib.contextmanager
def waiting_line(port):
    """The socket of prefork mode, open before Odoo is, as a socket unit does it.

    Odoo's own queue holds eight connections a process and the kernel breaks the
    others; a crowd has to wait in the queue instead.

    :returns: the environment variables and the options of the process that inherits it
    """
    with socket.socket() as queue:
        queue.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        queue.bind(("127.0.0.1", port))
        queue.listen(WAITING)
        queue.setblocking(False)
        number = queue.fileno()
        yield {"ODOO_HTTP_SOCKET_FD": str(number)}, {"pass_fds": [number]}


#: As in deploy/clinic.service: nobody waits for ever for a row that is locked, and no
#: session sleeps for ever on one.
PATIENCE = "-c lock_timeout=20s -c idle_in_transaction_session_timeout=3600s"


def start(server, queue=None):
    """Start the site in the background; returns its process.

    :param queue: port of prefork mode, whose visitors wait in a longer line
    """
    command = [place.PYTHON, place.ODOO, "-c", place.CONF]
    line = waiting_line(queue) if queue else contextlib.nullcontext(({}, {}))
    with line as (variables, options):
        variables |= {"PGOPTIONS": PATIENCE}
        return processes.start("odoo", command, env=env(server, **variables), **options)


def wait_for(url, process, log, seconds=180):
    """Return when the address answers 200, else a Failure."""
    started = time.monotonic()
    last = None
    while time.monotonic() < started + seconds:
        if process.poll() is not None:
            raise Failure(f"the server ended by itself (code {process.poll()})", log)
        last = status(url)
        if last == 200:
            return
        if last == 500 and time.monotonic() > started + 20:
            break
        time.sleep(0.1)
    raise Failure(f"{url} does not answer as it should: {last}", log)


def status(url):
    """The HTTP status an address answers with, or why there is none."""
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError as error:
        return str(error)
