def pre_init_hook(env):
    """Make trigram indexes possible before the tables are built.

    ``pg_trgm`` is a trusted extension: the owner of the database may create it.
    """
    env.cr.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
