"""The language of the demo clinic: of its staff, its website, its new cards."""

from . import odoo, place, setup
from .steps import Failure, run

#: Odoo's codes of the languages in which the suite speaks.
SPOKEN = ("en_US", "it_IT", "ru_RU", "tr_TR", "zh_CN")


def check(code):
    """Refuse a language in which the suite does not speak.

    :raises Failure: names those it has
    """
    if code not in SPOKEN:
        raise Failure(
            f"the suite does not speak {code}", hint=f"choose from {', '.join(SPOKEN)}"
        )


def ensure(server, code, before):
    """The step: the demo clinic speaks a language.

    :param before: called before the database of a site that may run is changed
    """
    if code == spoken(server):
        return f"{code} already"
    before()
    command = [
        *(place.PYTHON, "-m", "command.inside.language"),
        *odoo.arguments(server, server.database, setup.DATA),
        *("--log-level=warn", "--", server.database, code),
    ]
    path = place.log_path("language")
    path.unlink(missing_ok=True)
    what = f"the demo clinic could not learn {code}"
    run(command, path, what, env=odoo.env(server), cwd=place.ROOT, alone=True)
    return code


def spoken(server):
    """The code of the language in which the website greets."""
    return server.query(
        "SELECT code FROM res_lang JOIN website ON res_lang.id = default_lang_id"
        " ORDER BY website.id LIMIT 1",
        server.database,
    ).strip()
