from . import controllers, demo, models, wizards
from .hooks import pre_init_hook
