from . import clinic_probe
