from . import encounter
