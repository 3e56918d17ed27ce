from . import gateway
from . import push
