from pathlib import Path

from . import controllers
from . import demo
from . import models
from . import wizards
from odoo.addons.clinic_base.lib import secret_routes

secret_routes.declare(Path(__file__).parent)
