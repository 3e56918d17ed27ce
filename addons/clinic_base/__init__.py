from pathlib import Path

from odoo.exceptions import UserError
from odoo.sql_db import connection_info_for

from . import controllers
from . import models
from .lib import private_logs, secret_routes
from .lib.waker import waker

waker.options = lambda: connection_info_for("postgres")[1]
private_logs.install((UserError,))
secret_routes.declare(Path(__file__).parent)
