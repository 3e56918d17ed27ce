from odoo import api, fields, models

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_patient.lib.roles import STAFF_GROUPS

from ..lib.states import AHEAD


class ResPartner(models.Model):
    """The patient card: the next visit, above everything else."""

    _inherit = "res.partner"

    next_visit_id = fields.Many2one(
        "clinic.appointment",
        string="Visit ahead",
        compute="_compute_next_visit",
        groups=STAFF_GROUPS,
    )
    next_visit_text = fields.Char(
        string="Next visit in words",
        compute="_compute_next_visit",
        groups=STAFF_GROUPS,
        help="When and with whom, in the time of the location; of those you may see.",
    )

    def _compute_next_visit(self):
        ahead = self.env["clinic.appointment"].search(
            [
                ("patient_id", "in", self.ids),
                ("state", "in", AHEAD),
                ("start", ">=", clock.now()),
            ],
            order="start desc",
        )
        # The earliest of each patient is written last, and stays.
        first = {visit.patient_id: visit for visit in ahead}
        for card in self:
            visit = first.get(card._origin, ahead.browse())
            card.next_visit_id = visit
            words = [visit.local_start, visit.practitioner_id.name] if visit else []
            card.next_visit_text = " · ".join(filter(None, words)) or False

    @api.readonly
    def action_open_next_visit(self):
        """Open the next visit of this patient."""
        self.ensure_one()
        return self.next_visit_id._get_records_action()
