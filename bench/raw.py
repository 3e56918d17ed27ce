"""The same answers in the best SQL we know, and an oracle that is no SQL at all.

For the data of dataset.py: no buffers, no rooms, one service of twenty minutes.
"""

from collections import defaultdict
from datetime import timedelta

#: One thing to the planner: it need not compare the states with those of each index.
TAKING = (
    "(state IN ('held','booked','rescheduled','confirmed','arrived','in_room','done',"
    "'closed')) IS TRUE"
)

#: Made in bench databases only: the index the best form reads.
INDEX = f"""
    CREATE INDEX IF NOT EXISTS bench_practitioner_start
        ON clinic_appointment (practitioner_id, start) INCLUDE (stop)
     WHERE {TAKING}
"""

DROP_INDEX = "DROP INDEX bench_practitioner_start"

#: Functions that give rows stand where columns stand: as tables they are written down
#: first, for each session and each gap (a fifth slower).
FREE = f"""
    SELECT start, start + interval '20 minutes', practitioner_id, location_id
      FROM (SELECT generate_series(lower(gap), upper(gap) - interval '20 minutes',
                                   interval '20 minutes') AS start,
                   practitioner_id, location_id
              FROM (SELECT s.practitioner_id, s.location_id,
                           unnest(tsmultirange(tsrange(s.start, s.stop)) - COALESCE(
                               (SELECT range_agg(tsrange(a.start, a.stop))
                                  FROM clinic_appointment a
                                 WHERE a.practitioner_id = s.practitioner_id
                                   AND a.start >= s.start AND a.start < s.stop
                                   AND {TAKING}), '{{{{}}}}')) AS gap
                      FROM clinic_session s
                     WHERE s.start >= %(start)s AND s.start < %(stop)s
                       AND {{who}}) gaps) free
     ORDER BY 1, 3
"""

MONTH = FREE.format(who="s.location_id = %(location)s")
PAGE = FREE.format(who="s.practitioner_id = ANY(%(practitioners)s)")


def rows(cr, query, **values):
    """Run one of the statements without compiling it; its rows."""
    cr.execute("SET LOCAL jit = off")
    cr.execute(query, values)
    return cr.fetchall()


def oracle(cr, location, start, stop):
    """The free starts by sweeping over whole numbers: {(start, practitioner)}."""
    cr.execute(
        "SELECT practitioner_id, start, stop FROM clinic_session"
        " WHERE location_id = %s AND start >= %s AND start < %s",
        [location, start, stop],
    )
    sessions = cr.fetchall()
    cr.execute(
        "SELECT practitioner_id, start FROM clinic_appointment"
        " WHERE location_id = %s AND start >= %s AND start < %s"
        " AND state NOT IN ('cancelled', 'no_show', 'expired')",
        [location, start, stop + timedelta(days=1)],
    )
    taken = defaultdict(set)
    for practitioner, moment in cr.fetchall():
        taken[practitioner].add(moment)
    step = timedelta(minutes=20)
    free = set()
    for practitioner, begins, ends in sessions:
        moment = begins
        while moment + step <= ends:
            if moment not in taken[practitioner]:
                free.add((moment, practitioner))
            moment += step
    return free
