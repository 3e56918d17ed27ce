from . import clinic_report_upload
from . import clinic_report_upload_line
from . import clinic_report_withdrawal
