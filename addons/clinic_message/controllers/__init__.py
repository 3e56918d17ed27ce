from . import stop
from . import gateway
from . import push
