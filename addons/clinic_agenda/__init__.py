from pathlib import Path

from odoo.addons.clinic_base.lib import secret_routes

from . import controllers, demo, models, wizards
from .hooks import pre_init_hook, uninstall_hook

secret_routes.declare(Path(__file__).parent)
