"""The register of advisory locks: one number for each kind of thing that is locked.

PostgreSQL's advisory locks are numbers that all code of a database shares. A lock here
is ``(space, id)``: the space says what kind of thing, the second number which one.
Whoever needs a space adds it here and never writes a number elsewhere: a test looks.
"""

from enum import IntEnum, unique


@unique
class LockSpace(IntEnum):
    """First number of an advisory lock."""

    #: A practitioner, a room, a patient, a device that a visit takes (clinic_agenda).
    PRACTITIONER = 7401
    ROOM = 7402
    PATIENT = 7403
    EQUIPMENT = 7404
    #: The forms of a held visit; taken before all resources.
    BOOKING_FORM = 7405
    #: Workers of which one at a time works; which one, is a :class:`Worker`.
    WORKER = 7411
    #: An import that a worker is busy with.
    IMPORT = 7412
    #: A segment of which a snapshot is taken.
    SEGMENT_HISTORY = 7413


@unique
class Worker(IntEnum):
    """Second number of a lock in ``LockSpace.WORKER``."""

    PATIENT_FACTS = 0
    RECALLS = 1


def try_lock(cr, space, number=0):
    """Take a lock until the transaction ends, unless somebody has it.

    :param cr: cursor
    :param LockSpace space: what kind of thing
    :param int number: which one
    :returns: whether it is ours
    """
    cr.execute(
        "SELECT pg_try_advisory_xact_lock(%s, %s)", [int(LockSpace(space)), int(number)]
    )
    return cr.fetchone()[0]


def wait_for_lock(cr, space, number=0):
    """Wait for a lock, and have it until the transaction ends.

    :param cr: cursor
    :param LockSpace space: what kind of thing
    :param int number: which one
    """
    cr.execute(
        "SELECT pg_advisory_xact_lock(%s, %s)", [int(LockSpace(space)), int(number)]
    )
