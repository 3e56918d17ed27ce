from . import test_portal_todo
from . import test_report
from . import test_report_access
from . import test_report_file
from . import test_report_matrix
from . import test_report_portal
from . import test_report_upload
from . import test_report_visit
