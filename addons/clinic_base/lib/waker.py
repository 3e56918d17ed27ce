"""One connection a process on which browsers and jobs are woken, and time is asked."""

import os
import threading

import psycopg2
import psycopg2.sql


class Waker:
    """Sends NOTIFY on a connection that stays open.

    Odoo opens a connection to the database ``postgres`` for each notice and closes it
    again: three milliseconds, half of them for the password, several times a booking.
    """

    def __init__(self):
        #: Function without arguments: how psycopg2 reaches the database ``postgres``.
        #: The addon gives Odoo's when it is loaded.
        self.options = None
        self.lock = threading.Lock()
        self.connection = None
        self.process = None

    def notify(self, function, channel, payloads):
        """Send payloads; a connection that the server has closed is opened again.

        :param str function: the SQL function, ``pg_notify`` or a site's own
        :param str channel: who listens
        :param list payloads: texts, as long as PostgreSQL takes them
        :raises psycopg2.Error: the server cannot be reached, or refuses
        """
        with self.lock:
            fresh = self._open()
            try:
                self._send(function, channel, payloads)
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                self.connection = None
                if fresh:
                    raise
                self._open()
                self._send(function, channel, payloads)

    def ask(self, query):
        """Return the one value that a statement gives.

        :param str query: reads only, without values
        :raises psycopg2.Error: the server cannot be reached, or refuses
        """
        with self.lock:
            fresh = self._open()
            try:
                return self._value(query)
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                self.connection = None
                if fresh:
                    raise
                self._open()
                return self._value(query)

    def _value(self, query):
        with self.connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchone()[0]

    def _open(self):
        """Have a connection of this very process; whether it is a new one."""
        if self.connection and self.process == os.getpid():
            return False
        self.connection = psycopg2.connect(**self.options())
        self.connection.autocommit = True
        self.process = os.getpid()
        return True

    def _send(self, function, channel, payloads):
        statement = psycopg2.sql.SQL("SELECT {}(%s, %s)").format(
            psycopg2.sql.Identifier(function)
        )
        with self.connection.cursor() as cursor:
            for payload in payloads:
                cursor.execute(statement, [channel, payload])


#: The one of this process.
waker = Waker()
