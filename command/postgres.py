"""PostgreSQL: clusters of the project's own under .clinic/, or a server given.

Two clusters, each on its own port, only on the loopback address:

* `demo` keeps what a person entered and survives a power cut;
* `test` holds throw-away databases and trades that safety for speed.

No other cluster of the machine is ever touched.
"""

import itertools
import os
import pwd
import secrets
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

from . import place, ports, system
from .steps import Failure, environment, run

COMMON = {
    "listen_addresses": "'127.0.0.1'",
    "unix_socket_directories": "''",
    "max_connections": "200",
    "shared_buffers": "'256MB'",
    "work_mem": "'16MB'",
    "maintenance_work_mem": "'128MB'",
    "effective_cache_size": "'1GB'",
    "random_page_cost": "1.1",
    "max_wal_size": "'2GB'",
    # Planning the just-in-time compilation costs more than Odoo's queries.
    "jit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # A crash may lose the last half second of work, never consistency.
    "synchronous_commit": "off",
    "log_lock_waits": "on",
    # No values of rows: they are names and diagnoses.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_line_prefix": "'%m [%p] %d '",
}
THROW_AWAY = {
    "fsync": "off",
    "full_page_writes": "off",
    "checkpoint_timeout": "'30min'",
}


class Outside:
    """A server somebody else runs, named by CLINIC_DATABASE_URL."""

    started = False

    def __init__(self, url):
        parts = urlsplit(url)
        if parts.scheme not in ("postgresql", "postgres"):
            raise Failure(
                "CLINIC_DATABASE_URL is not a PostgreSQL address",
                hint="write it as postgresql://user:password@host:port/database",
            )
        self.host = parts.hostname or "localhost"
        self.port = parts.port or 5432
        self.user = unquote(parts.username or "odoo")
        self.password = unquote(parts.password or "")
        self.database = parts.path.lstrip("/") or "clinic"

    def ensure(self):
        """The step: the server answers and is new enough."""
        version = int(self.query("SHOW server_version_num"))
        if version < 140000:
            raise Failure(
                f"PostgreSQL {version // 10000} at {self.host} is too old",
                hint="use PostgreSQL 14 or newer",
            )
        return f"{self.host}:{self.port}"

    def stop(self):
        """Nothing to stop: the server is not ours."""

    def env(self):
        """Variables that let psql and Odoo in without a password in sight."""
        return environment(
            PGHOST=self.host,
            PGPORT=self.port,
            PGUSER=self.user,
            PGPASSWORD=self.password,
            PGOPTIONS="-c client_min_messages=warning",
        )

    def query(self, sql, database="postgres"):
        """Run SQL through psql; the rows as text, columns apart by tabs."""
        answer = subprocess.run(
            ["psql", "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", database],
            input=sql,
            capture_output=True,
            text=True,
            env=self.env(),
        )
        if answer.returncode:
            raise Failure(
                f"PostgreSQL at {self.host}:{self.port}: {answer.stderr.strip()}"
            )
        return answer.stdout.rstrip("\n")

    def databases(self):
        """The names of the databases there."""
        return self.query("SELECT datname FROM pg_database").split("\n")

    def drop(self, database):
        """Remove a database, whoever is connected."""
        self.query(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def create(self, database, template="template0"):
        """Make a database from a template."""
        self.query(
            f'CREATE DATABASE "{database}" TEMPLATE "{template}"'
            + (" ENCODING 'UTF8' LC_COLLATE 'C'" if template == "template0" else "")
        )

    def url(self, database):
        """The address of a database, for programs that take one."""
        secret = f":{self.password}" if self.password else ""
        return f"postgresql://{self.user}{secret}@{self.host}:{self.port}/{database}"


class Cluster(Outside):
    """A cluster of this checkout, run by an unprivileged user."""

    host = "127.0.0.1"
    user = "odoo"
    database = "clinic"

    def __init__(self, name):
        self.name = name
        self.settings = COMMON | (THROW_AWAY if name == "test" else {})
        self.log = place.log_path(f"postgres-{name}")
        self.started = False

    @property
    def folder(self):
        """Where the data are, by the path the server's user can go."""
        return (place.HOME / "postgres").resolve() / self.name

    @property
    def port(self):
        return ports.port(f"postgres-{self.name}")

    @property
    def password(self):
        return (
            place.read_state().get("password")
            or place.write_state(password=secrets.token_urlsafe(18))["password"]
        )

    def owner(self):
        """The user the server runs as: the caller, or not root."""
        if os.geteuid():
            return None
        for name in ("postgres", "nobody"):
            try:
                return pwd.getpwnam(name)
            except KeyError:
                continue
        raise Failure("root cannot run PostgreSQL and there is no user postgres")

    def run(self, program, *arguments, what, check=True):
        """Run one of PostgreSQL's programs as the owner of the cluster."""
        folder = system.postgres_bin()
        if not folder:
            raise Failure(
                "no PostgreSQL server programs on this machine",
                hint="as root: apt-get install -y postgresql",
            )
        owner = self.owner()
        who = {}
        if owner:
            who = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        return run(
            [folder / program, *arguments],
            self.log,
            what,
            check=check,
            cwd="/",
            env=environment(LC_ALL="C.UTF-8", PGPASSWORD=self.password),
            **who,
        )

    def ensure(self):
        """The step: the cluster exists and answers."""
        made = not (self.folder / "PG_VERSION").exists()
        if made:
            self.initialise()
        if self.running():
            self.ensure_role()
            return f"port {self.port}"
        self.check_version()
        self.start()
        return f"{'made' if made else 'started'}, port {self.port}"

    def initialise(self):
        """Make the cluster, whole or not at all."""
        fresh = self.prepare_folder()
        # The server's user reads the password; the file is gone right after.
        secret = fresh.with_suffix(".secret")
        try:
            secret.touch(mode=0o600)
            secret.write_text(self.password)
            if self.owner():
                os.chown(secret, self.owner().pw_uid, self.owner().pw_gid)
            self.run(
                "initdb",
                *("-D", fresh, "-U", "postgres", "-E", "UTF8", "--no-sync"),
                *("--locale=C.UTF-8", "-A", "scram-sha-256", "--pwfile", secret),
                what="the database cluster could not be made",
            )
        finally:
            secret.unlink(missing_ok=True)
        with (fresh / "postgresql.conf").open("a") as conf:
            conf.write("include 'clinic.conf'\n")
        fresh.rename(fresh.with_suffix(""))

    def prepare_folder(self):
        """An empty folder for the cluster that its user can reach.

        When the checkout lies where that user may not go (/root), the data
        are kept under /var/lib and .clinic/postgres links there.
        """
        home = place.HOME / "postgres"
        owner = self.owner()
        if owner and not home.is_symlink():
            home.mkdir(parents=True, exist_ok=True)
            if not reachable(home, owner):
                elsewhere = unused(Path("/var/lib/clinic"), place.HOME)
                elsewhere.mkdir(parents=True)
                shutil.rmtree(home)
                home.symlink_to(elsewhere)
        home = home.resolve()
        home.mkdir(parents=True, exist_ok=True)
        fresh = home / f"{self.name}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if owner:
            os.chown(home, owner.pw_uid, owner.pw_gid)
            os.chown(fresh, owner.pw_uid, owner.pw_gid)
        return fresh

    def check_version(self):
        """Refuse data of another major version rather than fail obscurely."""
        have = int((self.folder / "PG_VERSION").read_text())
        newest = system.postgres_major()
        if have != newest:
            raise Failure(
                f"{self.folder} was made by PostgreSQL {have}; installed: {newest}",
                hint=f"install postgresql-{have}, or `./clinic reset` to start anew",
            )
        if newest < 14:
            raise Failure(f"PostgreSQL {newest} is too old; 14 or newer is needed")

    def running(self):
        """Whether this very cluster runs, not another server on its port."""
        if not (self.folder / "postmaster.pid").exists():
            return False
        return not self.run("pg_ctl", "-D", self.folder, "status", what="", check=False)

    def start(self):
        """Start the server; on another port when somebody took ours."""
        if not ports.is_free(self.port):
            ports.renew(f"postgres-{self.name}")
        lines = [f"{name} = {value}\n" for name, value in self.settings.items()]
        conf = self.folder / "clinic.conf"
        conf.write_text(f"port = {self.port}\n" + "".join(lines))
        conf.chmod(0o644)
        server_log = self.folder / "server.log"
        self.run(
            "pg_ctl",
            *("-D", self.folder, "-l", server_log, "-w", "-t", "60", "start"),
            what=f"PostgreSQL did not start (see also {server_log})",
        )
        self.started = True
        self.ensure_role()

    def ensure_role(self):
        """The role Odoo uses: may create databases, is no superuser."""
        self.admin(
            f"DO $$ BEGIN CREATE ROLE {self.user} LOGIN CREATEDB; "
            "EXCEPTION WHEN duplicate_object THEN NULL; END $$; "
            f"ALTER ROLE {self.user} PASSWORD '{self.password}'"
        )

    def admin(self, sql):
        """Run SQL as the cluster's superuser."""
        answer = subprocess.run(
            ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", "postgres"],
            input=sql,
            capture_output=True,
            text=True,
            env=self.env() | {"PGUSER": "postgres"},
        )
        if answer.returncode:
            raise Failure(f"PostgreSQL: {answer.stderr.strip()}", self.log)
        return answer.stdout.rstrip("\n")

    def stop(self):
        """Stop the server if it runs."""
        if (self.folder / "PG_VERSION").exists() and self.running():
            self.run(
                "pg_ctl",
                *("-D", self.folder, "-m", "fast", "-w", "stop"),
                what="PostgreSQL did not stop",
            )
            return True
        return False


def unused(folder, home):
    """A place in a folder for the data of a checkout.

    Data may lie there of a checkout that was removed and stood at the same path: they
    are somebody's, and left alone.
    """
    stem = place.fingerprint(home)
    names = (f"{stem}-{number}" if number else stem for number in itertools.count())
    return next(folder / name for name in names if not (folder / name).exists())


def reachable(folder, owner):
    """Whether the user of the server may enter the folder."""
    return not subprocess.run(
        ["test", "-x", folder],
        user=owner.pw_uid,
        group=owner.pw_gid,
        extra_groups=[],
        cwd="/",
    ).returncode


def cluster(name="demo"):
    """The server to use: the one CLINIC_DATABASE_URL names, or our own."""
    url = os.environ.get("CLINIC_DATABASE_URL")
    return Outside(url) if url else Cluster(name)
