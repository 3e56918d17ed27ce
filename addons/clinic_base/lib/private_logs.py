"""Keep what stands in rows, and what is told to a person, out of every log.

Odoo logs a statement that PostgreSQL refuses with its values, PostgreSQL's answer
repeats the whole row, and both stand again in the traceback of the request or the job.
In a clinic these are names, addresses and diagnoses. The log keeps what helps to find
the fault: kind of error, table, column, constraint, the statement without its texts,
and where in the code it happened.

Records are cleaned when they are made, so this holds for every logger, every handler
and every file, also for loggers that do not exist yet.
"""

import logging
import re
import traceback

import psycopg2

#: A text of SQL, as psycopg2 writes values into a statement.
LITERAL = re.compile(r"'(?:''|[^'])*'")
#: What PostgreSQL quotes in a message may be a value as well as a name.
QUOTED = re.compile(r"[\"“«„][^\"”»“]*[\"”»“]")
#: Kinds of exceptions whose text is meant for a person; see :func:`install`.
_refusals = ()
#: Chains of exceptions are short; a loop of them must not hang the log.
LONGEST_CHAIN = 20


def statement(text):
    """A statement without the texts in it.

    :param text: ``str`` or ``bytes``, with its values
    :rtype: str
    """
    if isinstance(text, bytes):
        text = text.decode(errors="replace")
    return LITERAL.sub("'…'", str(text))


def database_error(error):
    """An error of PostgreSQL in words that hold no value of a row.

    :param psycopg2.Error error: as it was raised
    :rtype: str
    """
    diag = getattr(error, "diag", None)
    primary = getattr(diag, "message_primary", None)
    if not primary:
        # Of the connection, not of a statement: only its first line, no values.
        return QUOTED.sub("“…”", str(error).partition("\n")[0])
    names = [
        f"{label} {value}"
        for label, value in (
            ("table", diag.table_name),
            ("column", diag.column_name),
            ("constraint", diag.constraint_name),
            ("type", diag.datatype_name),
            ("state", diag.sqlstate),
        )
        if value
    ]
    return f"{QUOTED.sub('“…”', primary)} ({', '.join(names)})"


def place(error):
    """Module and line of the innermost frame, for example ``clinic_phone.py:61``."""
    frame = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    if not frame:
        return "an unknown place"
    name = frame.tb_frame.f_code.co_filename.rpartition("/")[2]
    return f"{name}:{frame.tb_lineno}"


def exception_words(error):
    """What the log may say of an exception; ``None``: what it says itself."""
    if isinstance(error, psycopg2.Error):
        return database_error(error)
    if isinstance(error, _refusals):
        return "told to the user"
    return None


def exception_text(error):
    """A traceback whose exceptions say only what the log may hold.

    :rtype: str
    """
    summary = traceback.TracebackException.from_exception(error)
    pending, seen = [(summary, error)], 0
    while pending and seen < LONGEST_CHAIN:
        told, raised = pending.pop()
        seen += 1
        words = exception_words(raised)
        if words is not None:
            told._str = words
        for name in ("__cause__", "__context__"):
            earlier = getattr(told, name), getattr(raised, name)
            if all(earlier):
                pending.append(earlier)
    return "".join(summary.format()).rstrip("\n")


def is_private(error):
    """Whether an exception, or one it followed from, may tell of a person."""
    for _step in range(LONGEST_CHAIN):
        if error is None:
            return False
        if exception_words(error) is not None:
            return True
        error = error.__cause__ or error.__context__
    return True


def clean(record):
    """Take the values of rows and the words for a person out of a log record."""
    error = record.msg
    if isinstance(error, _refusals):
        record.msg = "%s told to the user, raised in %s"
        record.args = (type(error).__name__, place(error))
        record.exc_info = None
        return
    if isinstance(error, psycopg2.Error):
        record.msg, record.args = "%s", (database_error(error),)
    arguments = record.args if isinstance(record.args, tuple) else ()
    if any(exception_words(each) is not None for each in arguments):
        # Filters that look at the error itself find it here.
        record.sql_error = next(
            (each for each in arguments if isinstance(each, psycopg2.Error)), None
        )
        record.args = tuple(map(_argument, arguments))
    raised = record.exc_info and record.exc_info[1]
    if raised is not None and is_private(raised):
        record.exc_text = exception_text(raised)


def _argument(value):
    words = exception_words(value) if isinstance(value, BaseException) else None
    if words is not None:
        return words
    if isinstance(value, str | bytes) and "'" in str(value):
        return statement(value)
    return value


def install(refusals):
    """Have every log record cleaned when it is made; again changes nothing.

    :param tuple refusals: kinds of exceptions whose text is told to a person
    """
    global _refusals
    _refusals = refusals
    make = logging.getLogRecordFactory()
    if getattr(make, "is_private_logs", False):
        return

    def private(*arguments, **named):
        record = make(*arguments, **named)
        clean(record)
        return record

    private.is_private_logs = True
    logging.setLogRecordFactory(private)
