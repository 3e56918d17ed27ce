from . import controllers
from . import models
from . import wizards
from .hooks import pre_init_hook
from odoo.exceptions import UserError

from .lib import private_logs

private_logs.install((UserError,))
