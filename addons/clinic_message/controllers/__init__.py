from . import stop
from . import gateway
from . import portal_message
from . import push
