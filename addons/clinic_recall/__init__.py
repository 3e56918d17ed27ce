from pathlib import Path

from odoo.addons.clinic_base.lib import secret_routes

from . import controllers, demo, models, wizards

secret_routes.declare(Path(__file__).parent)
