from . import test_queue
from . import test_stop
from . import test_gateway_sms
from . import test_safe_http
from . import test_sms_text
from . import test_webhook_receipts
from . import test_gateway_push
from . import test_gateway_whatsapp
