import psycopg2

from odoo.tools import mute_logger


def claim(records, query):
    """Lock rows that are waiting, leaving those that other workers have.

    A row that another worker changed since the snapshot of this transaction cannot be
    locked at REPEATABLE READ: then nothing is claimed, and the next turn sees it.

    :param records: any recordset of the model
    :param SQL query: gives ids, ``FOR NO KEY UPDATE SKIP LOCKED``
    :returns: the locked records in the order of the query
    """
    records.env.flush_all()
    try:
        with mute_logger("odoo.sql_db"), records.env.cr.savepoint(flush=False):
            rows = records.env.execute_query(query)
    except psycopg2.errors.SerializationFailure:
        return records.browse()
    return records.browse(row[0] for row in rows)
