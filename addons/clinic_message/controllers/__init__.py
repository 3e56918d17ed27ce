from . import stop
