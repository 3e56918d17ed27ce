"""The advisory locks of this addon; see ``clinic_base.lib.lock_spaces``."""

from odoo.addons.clinic_base.lib.lock_spaces import lock_space

PRACTITIONER = lock_space(7401, "a practitioner whom a visit takes")
ROOM = lock_space(7402, "a room that a visit takes")
PATIENT = lock_space(7403, "a patient whom a visit takes")
EQUIPMENT = lock_space(7404, "a device that a visit takes")
#: Taken before all resources.
BOOKING_FORM = lock_space(7405, "the forms of a held visit")
