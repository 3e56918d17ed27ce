from . import password
from . import spreadsheet
