from odoo.modules.db import has_trigram, has_unaccent
from odoo.orm.registry import _unaccent
from odoo.tools import SQL, config


def pre_init_hook(env):
    """Make the extensions that Odoo makes itself where it creates the database.

    Many make the database by hand (``createdb``) as guides say. Odoo looks for the
    extensions when it opens a database, so it would leave out the indexes of its own
    addons and of ours, without a word.

    ``pg_trgm`` and ``unaccent`` are trusted extensions: the owner of the database may
    create them.
    """
    env.cr.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    if config["unaccent"]:
        _make_unaccent(env)
    registry = env.registry
    before = registry.has_trigram, registry.has_unaccent
    registry.has_trigram = has_trigram(env.cr)
    registry.has_unaccent = has_unaccent(env.cr)
    if registry.has_unaccent:
        registry.unaccent = _unaccent
    if before != (registry.has_trigram, registry.has_unaccent):
        registry.check_indexes(env.cr, registry.models)


def _make_unaccent(env):
    """Searches find words without their accents, and use an index for it.

    Odoo declares the extension's function immutable, which only a superuser of
    PostgreSQL may do. What Odoo's guide says works for the owner of the database too:
    the extension in a schema of its own, and a function that calls it.
    """
    if has_unaccent(env.cr):
        return
    env.cr.execute("CREATE SCHEMA IF NOT EXISTS unaccent_schema")
    env.cr.execute("CREATE EXTENSION IF NOT EXISTS unaccent SCHEMA unaccent_schema")
    [[schema]] = env.execute_query(
        SQL(
            "SELECT nspname FROM pg_namespace JOIN pg_extension ON"
            " extnamespace = pg_namespace.oid WHERE extname = 'unaccent'"
        )
    )
    env.cr.execute(
        SQL(
            "CREATE FUNCTION unaccent(text) RETURNS text LANGUAGE SQL IMMUTABLE"
            " PARALLEL SAFE STRICT AS $$ SELECT %s($1) $$",
            SQL.identifier(schema, "unaccent"),
        )
    )
