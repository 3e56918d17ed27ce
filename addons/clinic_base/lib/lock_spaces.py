"""The register of advisory locks: one number for each kind of thing that is locked.

PostgreSQL's advisory locks are numbers that all code of a database shares. A lock here
is ``(space, id)``: the space says what kind of thing, the second number which one. Each
addon names its spaces in a ``lib/lock_spaces.py`` of its own and enters them here::

    IMPORT = lock_space(7412, "an import that a worker is busy with")

Nobody writes such a number elsewhere: a test looks.
"""

#: What each number stands for.
SPACES = {}


def lock_space(number, what):
    """Enter a kind of thing into the register.

    :param int number: first number of its locks; free ones follow the highest known
    :param str what: what is locked
    :returns: the number
    :raises ValueError: the number stands for something else already
    """
    known = SPACES.setdefault(number, what)
    if known != what:
        raise ValueError(f"The advisory lock {number} is already that of {known}.")
    return number


def _known(space):
    if space not in SPACES:
        raise ValueError(f"No addon has entered the advisory lock {space}.")
    return space


def try_lock(cr, space, number=0):
    """Take a lock until the transaction ends, unless somebody has it.

    :param cr: cursor
    :param int space: what kind of thing, from the register
    :param int number: which one
    :returns: whether it is ours
    :raises ValueError: the space is not in the register
    """
    cr.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_known(space), int(number)])
    return cr.fetchone()[0]


def wait_for_lock(cr, space, number=0):
    """Wait for a lock, and have it until the transaction ends.

    :param cr: cursor
    :param int space: what kind of thing, from the register
    :param int number: which one
    :raises ValueError: the space is not in the register
    """
    cr.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_known(space), int(number)])
