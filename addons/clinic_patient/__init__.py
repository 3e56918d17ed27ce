from pathlib import Path


from . import controllers
from . import models
from . import wizards
from .hooks import pre_init_hook
from odoo.addons.clinic_base.lib import secret_routes

secret_routes.declare(Path(__file__).parent)
