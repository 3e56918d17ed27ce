from . import care_plan
from . import payment
