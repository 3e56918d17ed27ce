from . import health
from . import pwa
from . import signed_link
from . import spreadsheet
