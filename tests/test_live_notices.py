"""Browsers that listen are woken on one connection that stays open."""

import json
import multiprocessing
import select

import psycopg2
import pytest
from support import server


@pytest.fixture
def heard():
    """Listen on Odoo's channel: ``heard(payload)`` waits for it, and answers with what
    came before; other databases of the server speak there too."""
    connection = psycopg2.connect(server().url("postgres"))
    connection.autocommit = True
    connection.cursor().execute("LISTEN imbus")

    def until(payload):
        before = []
        while True:
            while not connection.notifies:
                ready, _write, _error = select.select([connection], [], [], 20)
                assert ready, f"{payload} did not arrive, but {before}"
                connection.poll()
            came = json.loads(connection.notifies.pop(0).payload)
            if came == payload:
                return before
            before.append(came)

    yield until
    connection.close()


def announce(env, word):
    env["bus.bus"]._sendone(word, "clinic_test", {})


def channel_of(site, word):
    return [[site.database, word]]


def test_the_connection_stays(site, odoo_env, heard):
    """Notices of two transactions come over one connection; closed, it is replaced."""
    from odoo.addons.clinic_base.lib.waker import waker

    with odoo_env() as env:
        announce(env, "one")
    heard(channel_of(site, "one"))
    first = waker.connection.get_backend_pid()
    with odoo_env() as env:
        announce(env, "two")
    heard(channel_of(site, "two"))
    assert waker.connection.get_backend_pid() == first
    # As PostgreSQL does when it is restarted.
    server().query(f"SELECT pg_terminate_backend({first})")
    with odoo_env() as env:
        announce(env, "three")
    heard(channel_of(site, "three"))
    assert waker.connection.get_backend_pid() != first


def test_each_process_has_its_own(site, odoo_env, heard):
    """A forked worker does not speak on its parent's connection."""
    from odoo.addons.clinic_base.lib.waker import waker

    with odoo_env() as env:
        announce(env, "parent")
    heard(channel_of(site, "parent"))
    answers = multiprocessing.get_context("fork").SimpleQueue()

    def child():
        waker.notify("pg_notify", "imbus", ['"child"'])
        answers.put(waker.connection.get_backend_pid())

    worker = multiprocessing.get_context("fork").Process(target=child)
    worker.start()
    heard("child")
    assert answers.get() != waker.connection.get_backend_pid()
    worker.join()
    with odoo_env() as env:
        announce(env, "again")
    heard(channel_of(site, "again"))


def test_rolled_back_is_not_announced(site, odoo_env, heard):
    """Nobody hears of what did not happen."""
    with odoo_env() as env:
        announce(env, "undone")
        env.cr.rollback()
        announce(env, "done")
    assert channel_of(site, "undone") not in heard(channel_of(site, "done"))


def test_jobs_are_woken_on_it_too(site, odoo_env):
    """What sets off a job speaks on the same connection."""
    from odoo.addons.clinic_base.lib.waker import waker

    listener = psycopg2.connect(server().url("postgres"))
    listener.autocommit = True
    listener.cursor().execute("LISTEN cron_trigger")
    with odoo_env() as env:
        env.ref("clinic_patient.ir_cron_import_patients")._trigger()
    mine = waker.connection.get_backend_pid()
    heard = []
    while (mine, site.database) not in heard:
        ready, _write, _error = select.select([listener], [], [], 20)
        assert ready, f"no job was woken, but {heard}"
        listener.poll()
        heard += [(notice.pid, notice.payload) for notice in listener.notifies]
        listener.notifies.clear()
    listener.close()
