from . import clinic_message_compose
from . import clinic_message_preview
from . import clinic_message_restart
