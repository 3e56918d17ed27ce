from odoo.tools import SQL


def pre_init_hook(env):
    """Make PostgreSQL able to hold the exclusion constraints of the agenda.

    ``btree_gist`` is a trusted extension: the owner of the database may create it.
    Odoo only *logs* a constraint that fails to apply, so without this line the
    agenda would install and quietly accept double bookings.
    """
    env.cr.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")


def uninstall_hook(env):
    """Take away what no model of Odoo knows of: functions, triggers, a table.

    Odoo drops tables and columns; functions of the database would stay for ever, and
    the guard of the agenda's history would refuse that its lines go.
    """
    rows = env.execute_query(
        SQL(
            """
            SELECT oid::regprocedure::text FROM pg_proc
             WHERE pronamespace = current_schema::regnamespace
               AND (starts_with(proname, 'clinic_appointment_')
                    OR starts_with(proname, 'clinic_closure_'))
            """
        )
    )
    for [function] in rows:
        # The name comes from the catalogue, quoted by PostgreSQL.
        env.cr.execute(SQL("DROP FUNCTION IF EXISTS %s CASCADE", SQL(function)))
    env.cr.execute("DROP TABLE IF EXISTS clinic_appointment_seen")
    env["website"]._leave_contact_pages()
