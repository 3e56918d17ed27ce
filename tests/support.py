"""Running sites for the tests that cross addons.

A `Site` is a database of its own and a real Odoo server on it. The fixtures in
conftest.py make them; a test that needs another arrangement may do so itself.
"""

import json
import os
import re
import signal
import urllib.request
from contextlib import contextmanager, nullcontext
from http.cookiejar import CookieJar

import psutil
import psycopg2

from command import database, logs, odoo, odoo_tests, place, ports, processes, setup
from command.postgres import cluster

#: What Odoo's own code logs when a page and its closing write one row at once.
ODOO_RACES = (
    r'UPDATE "mail_presence"',
    r"odoo\.addons\.bus\.websocket: could not serialize access",
)

#: The scheduled action that moves deals, and a visit that is changed at that moment,
#: write one deal at once: the loser is tried again. Other refusals are complaints.
DEAL_RACE = re.compile(
    r'^\d{4}-.* odoo\.sql_db: bad query: +UPDATE "crm_lead"\n'
    r"(?:(?!\d{4}-|ERROR: ).*\n)*"
    r"ERROR: could not serialize access .*\n",
    re.M,
)


def server():
    """The PostgreSQL server of the throw-away databases."""
    return cluster("test")


class RpcError(Exception):
    """The server answered a call with an error; `name` is its class."""

    def __init__(self, error):
        data = error.get("data", {})
        self.name = data.get("name", "")
        self.message = data.get("message", error.get("message", ""))
        super().__init__(f"{self.name}: {self.message}")


class Rpc:
    """A logged-in user who calls methods as the web client does."""

    def __init__(self, url, name, login, password):
        self.url = url
        self.cookies = CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.cookies)
        )
        session = self.post(
            "/web/session/authenticate",
            {"db": name, "login": login, "password": password},
        )
        self.uid = session["uid"]

    def post(self, path, params):
        """Post JSON-RPC to any address; the result, or an RpcError."""
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}
        request = urllib.request.Request(
            self.url + path,
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with self.opener.open(request, timeout=120) as answer:
            content = json.load(answer)
        if "error" in content:
            raise RpcError(content["error"])
        return content.get("result")

    def call(self, model, method, *args, **kwargs):
        """Call a method of a model."""
        return self.post(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    @property
    def session_id(self):
        """The value of the session cookie, for a browser."""
        return next(c.value for c in self.cookies if c.name == "session_id")


class Site:
    """A database and an Odoo server that serves it.

    :param name: a word; database, log and ports are called after it
    :param workers: processes of prefork mode, 0 for one threaded process
    :param source: the database to copy
    """

    def __init__(self, name, workers=0, source=odoo_tests.CLEAN):
        self.name = name
        self.workers = workers
        self.server = server()
        self.database = f"clinic_test_{name}"
        self.log = place.log_path(f"site-{name}")
        self.expected = list(ODOO_RACES)
        self.process = None
        self.port = ports.fresh(f"site-{name}")
        self.gevent_port = ports.fresh(f"site-{name}-gevent")
        self.url = f"http://127.0.0.1:{self.port}"
        database.copy(self.server, setup.TEST_DATA, source, self.database)
        self.log.unlink(missing_ok=True)

    def start(self, *options):
        """Start the server and wait until it answers."""
        command = [
            *(place.PYTHON, place.ODOO),
            *odoo.arguments(self.server, self.database, setup.TEST_DATA),
            *("--http-interface", "127.0.0.1", "--http-port", self.port),
            *("--gevent-port", self.gevent_port, "--workers", self.workers),
            *("--max-cron-threads", 1, "--no-database-list"),
            *options,
        ]
        self.process = self.launch(command)
        odoo.wait_for(f"{self.url}/web/login", self.process, self.log)
        if self.workers:
            live = f"http://127.0.0.1:{self.gevent_port}/websocket/health"
            odoo.wait_for(live, self.process, self.log)
        return self

    def launch(self, command):
        """Start the process, with the waiting line of a real site in prefork mode."""
        line = odoo.waiting_line(self.port) if self.workers else nullcontext(({}, {}))
        with line as (variables, inherited):
            environment = odoo.env(self.server, **variables)
            name = f"site-{self.name}"
            return processes.start(name, command, env=environment, **inherited)

    def stop(self):
        """Stop the server."""
        processes.stop(f"site-{self.name}")

    def discard(self):
        """Stop the server and remove its database."""
        self.stop()
        database.discard(self.server, setup.TEST_DATA, self.database)

    def rpc(self, login="admin", password=None):
        """A user of this site, logged in; the password is the login if not given."""
        return Rpc(self.url, self.database, login, password or login)

    def connect(self):
        """A psycopg2 connection to the database, each statement its own."""
        connection = psycopg2.connect(self.server.url(self.database))
        connection.autocommit = True
        return connection

    def sql(self, query, *parameters):
        """Run one statement; its rows."""
        connection = self.connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute(query, parameters)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def code_sent(self, phone):
        """The one-time code that was last sent to a phone and has not left the site.

        It waits in the clinic's messages, or in Odoo's list of SMS where the clinic has
        nobody who carries them. One that a gateway took is read on its telephone.
        """
        [(text,)] = self.sql(
            """
            SELECT body FROM (
                SELECT secret_body AS body, queued_at AS at FROM clinic_message
                 WHERE address = %s AND secret_body IS NOT NULL
                 UNION ALL
                SELECT body, create_date AS at FROM sms_sms WHERE number = %s
            ) AS sent
             ORDER BY at DESC LIMIT 1
            """,
            *[phone.replace(" ", "")] * 2,
        )
        return re.search(r"\b(\d{6})\b", text)[1]

    def workers_running(self):
        """The process ids of the HTTP workers of prefork mode.

        The other children are the live process, told by its command, and the
        cron workers, told by their lower priority.
        """
        master = psutil.Process(self.process.pid)
        return [
            child.pid
            for child in master.children()
            if child.nice() == master.nice() and child.cmdline()[2:3] != ["gevent"]
        ]

    def kill_worker(self):
        """Kill one worker without warning; its process id."""
        pid = self.workers_running()[0]
        os.kill(pid, signal.SIGKILL)
        return pid

    def expect_log(self, words):
        """Say that a test provokes log lines with these words."""
        self.expected.append(words)

    def complaints(self):
        """The errors and unexpected warnings in the server's log."""
        log = DEAL_RACE.sub("", self.log.read_text(errors="replace"))
        report = logs.read(log.splitlines())
        return [
            line
            for line in report.complaints
            if not any(re.search(words, line) for words in self.expected)
        ]

    @contextmanager
    def env(self, user=1):
        """An Odoo environment on the database, in this process.

        What is done in it is committed at the end, unless it raises; the
        server is told of changes that its caches must follow.
        """
        with environment(self.server, self.database, user) as env:
            yield env

    def transact(self, work, user=1):
        """Do ``work(env)`` in a transaction; what it returns.

        Where the server's own work was faster with the same rows it is done again, as
        Odoo does with each request.
        """
        with self.env(user) as env:
            from odoo.service.model import retrying

            return retrying(lambda: work(env), env)


@contextmanager
def environment(database_server, name, user=1):
    """An Odoo environment on a database, in this process."""
    os.environ.update(
        {k: v for k, v in database_server.env().items() if k.startswith("PG")}
    )
    from odoo import api, tools
    from odoo.modules.registry import Registry

    if not getattr(environment, "configured", False):
        arguments = odoo.arguments(database_server, name, setup.TEST_DATA)[2:]
        tools.config.parse_config([*map(str, arguments), "--log-level=warn"])
        environment.configured = True
    registry = Registry(name).check_signaling()
    with registry.cursor() as cursor:
        yield api.Environment(cursor, user, {})
    registry.signal_changes()
