from odoo import models

from ..tools.free_times import FAR_REACHING, TAKING


class ClinicAppointment(models.Model):
    """Indexes that the search of free times reads, without touching the table."""

    _inherit = "clinic.appointment"

    _practitioner_taken = models.Index(
        f"(practitioner_id, ({FAR_REACHING}), start)"
        " INCLUDE (stop, buffer_before, buffer_after, hold_expires_at)"
        f" WHERE {TAKING}"
    )
    _room_taken = models.Index(
        f"(room_id, ({FAR_REACHING}), start)"
        " INCLUDE (stop, buffer_before, buffer_after, hold_expires_at)"
        f" WHERE room_id IS NOT NULL AND {TAKING}"
    )
    _room_overbooked = models.Index("(room_id, start) WHERE overbooked")
