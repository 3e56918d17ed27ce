"""Claiming rows of a table that several workers drain: the one way, for all jobs."""

import psycopg2

from odoo.tools import mute_logger


def claim(records, query):
    """Lock rows that are waiting, leaving those that other workers have.

    A row that another worker changed since the snapshot of this transaction cannot be
    locked at REPEATABLE READ: then nothing is claimed, and the next turn sees it.

    :param records: any recordset of the model
    :param SQL query: gives ids, ``FOR NO KEY UPDATE SKIP LOCKED``
    :returns: the locked records in the order of the query, as they are now
    """
    records.env.flush_all()
    try:
        with mute_logger("odoo.sql_db"), records.env.cr.savepoint(flush=False):
            rows = records.env.execute_query(query)
    except psycopg2.errors.SerializationFailure:
        return records.browse()
    found = records.browse(row[0] for row in rows)
    found.invalidate_recordset(flush=False)
    return found


def claim_waiting(model, domain, limit=None, order=None):
    """Find rows that wait and lock those that no other worker has.

    What was locked is looked at again: a worker that was faster has changed it since it
    was found.

    :param model: any recordset of the model; its rights are the searcher's
    :param list domain: what waits
    :param int limit: rows at most
    :param str order: instead of the model's
    :returns: the locked records that still wait, in order
    """
    return claim_these(model.search(domain, limit=limit, order=order), domain)


def claim_these(records, domain=()):
    """Lock those of these records that no other worker has.

    :param list domain: what still has to be true of them once they are locked
    :returns: the locked records, in order
    """
    try:
        with mute_logger("odoo.sql_db"), records.env.cr.savepoint():
            locked = records.try_lock_for_update()
    except psycopg2.errors.SerializationFailure:
        return records.browse()
    locked.invalidate_recordset()
    return locked.filtered_domain(domain) if domain else locked
