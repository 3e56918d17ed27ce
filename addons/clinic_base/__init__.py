from pathlib import Path

from odoo.exceptions import UserError

from . import controllers
from . import models
from .lib import private_logs, secret_routes

private_logs.install((UserError,))
secret_routes.declare(Path(__file__).parent)
