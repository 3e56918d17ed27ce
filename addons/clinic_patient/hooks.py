import logging

import psycopg2

from odoo.modules.db import has_trigram, has_unaccent
from odoo.orm.registry import _unaccent
from odoo.tools import config

_logger = logging.getLogger(__name__)


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
    """As Odoo: searches find words without their accents, and use an index.

    Without the right to it the site works, and searches with accents.
    """
    try:
        with env.cr.savepoint(flush=False):
            env.cr.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
            env.cr.execute("ALTER FUNCTION unaccent(text) IMMUTABLE")
    except psycopg2.Error as error:
        _logger.warning(
            "unaccent = True, but the extension cannot be made (%s): let a superuser "
            "of PostgreSQL run CREATE EXTENSION unaccent; "
            "ALTER FUNCTION unaccent(text) IMMUTABLE; in this database.",
            error.diag.message_primary,
        )
