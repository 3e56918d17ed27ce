"""Let a clinic speak a language: its staff, its website, its new cards.

Run with Odoo's options, `--`, the database's name and Odoo's code of the language.
"""

import sys

import odoo
from odoo.modules.registry import Registry


def install(env, codes):
    """Load the translations of all modules, and offer the languages on the website."""
    languages = env["res.lang"].with_context(active_test=False)
    wanted = languages.search([("code", "in", list(codes))])
    wizard = env["base.language.install"].create(
        {
            "lang_ids": [(6, 0, wanted.ids)],
            "website_ids": [(6, 0, env["website"].search([]).ids)],
            "overwrite": True,
        }
    )
    wizard.lang_install()
    return wanted


def speak(env, code):
    """Make it the language of the staff, of the website and of new cards."""
    language = install(env, [code])
    users = env["res.users"].with_context(active_test=False)
    users.search([("share", "=", False)]).partner_id.lang = code
    env["res.company"].search([]).partner_id.lang = code
    env["clinic.location.contact"].search([]).lang = code
    env["ir.default"].set("res.partner", "lang", code)
    for website in env["website"].search([]):
        website.default_lang_id = language
    env["clinic.demo"]._speak(code)


def main(database, code):
    """Do it in one transaction."""
    with Registry(database).cursor() as cr:
        speak(odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {}), code)


if __name__ == "__main__":
    separator = sys.argv.index("--")
    odoo.tools.config.parse_config(sys.argv[1:separator])
    main(*sys.argv[separator + 1 :])
