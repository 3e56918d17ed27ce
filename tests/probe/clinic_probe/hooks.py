def pre_init_hook(env):
    """The exclusion constraint compares integers in a GiST index."""
    env.cr.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
