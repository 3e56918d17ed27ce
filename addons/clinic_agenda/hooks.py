def pre_init_hook(env):
    """Make PostgreSQL able to hold the exclusion constraints of the agenda.

    ``btree_gist`` is a trusted extension: the owner of the database may create it.
    Odoo only *logs* a constraint that fails to apply, so without this line the
    agenda would install and quietly accept double bookings.
    """
    env.cr.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
