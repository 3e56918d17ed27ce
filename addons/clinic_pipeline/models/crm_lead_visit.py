from odoo import api, fields, models

from odoo.addons.clinic_agenda.lib.states import AHEAD
from odoo.addons.clinic_patient.lib.roles import STAFF_GROUPS


class CrmLead(models.Model):
    """Deals and visits: what a deal knows of a visit, and how it follows it."""

    _inherit = "crm.lead"

    appointment_id = fields.Many2one(
        "clinic.appointment",
        string="Visit",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=STAFF_GROUPS,
    )
    appointment_start = fields.Datetime(
        string="Date of the visit", copy=False, groups=STAFF_GROUPS
    )
    appointment_when = fields.Char(
        string="When", compute="_compute_appointment_when", groups=STAFF_GROUPS
    )
    location_id = fields.Many2one(
        "clinic.location",
        index="btree_not_null",
        ondelete="set null",
        groups=STAFF_GROUPS,
    )
    service_id = fields.Many2one(
        "product.template",
        domain=[("is_healthcare_service", "=", True)],
        index="btree_not_null",
        ondelete="set null",
        groups=STAFF_GROUPS,
    )
    practitioner_id = fields.Many2one(
        "clinic.practitioner",
        index="btree_not_null",
        ondelete="set null",
        groups=STAFF_GROUPS,
    )

    @api.depends("appointment_start", "location_id")
    @api.depends_context("lang")
    def _compute_appointment_when(self):
        """In the location's time, as everywhere."""
        for deal in self:
            start, location = deal.appointment_start, deal.sudo().location_id
            deal.appointment_when = (
                location._speak_time(start) if start and location else False
            )

    @api.readonly
    def action_view_visit(self):
        """Open the visit of this deal."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "clinic.appointment",
            "res_id": self.appointment_id.id,
            "views": [(False, "form")],
            "view_mode": "form",
        }

    @api.readonly
    def action_book_visit(self):
        """Open the day sheet, ready to book for the patient of this deal."""
        self.ensure_one()
        return self.patient_id.action_book_appointment()

    @api.model
    def _next_visit(self, patient):
        """The earliest visit of the patient that still stands."""
        # sudo: clinic.appointment - visits at every location count
        return (
            self.env["clinic.appointment"]
            .sudo()
            .search(
                [
                    ("patient_id", "=", patient.id),
                    ("state", "in", AHEAD),
                ],
                order="start",
                limit=1,
            )
        )

    @api.model
    def _follow_next_visit(self, patient, why, began=False):
        """Let the deal in Appointments stand where the next visit stands.

        :param bool began: a visit was booked, not only changed: what was being
            handled in other pipelines has reached its end
        """
        visit = self._next_visit(patient)
        if not visit:
            return
        facts = visit._deal_facts()
        deal = self._open_deals(patient, "appointments")
        if visit.state == "confirmed":
            key = "visit_confirmed"
        elif deal.stage_id.pipeline_key == "appointments.confirmed":
            key = "visit_unconfirmed"
        else:
            key = "visit_booked"
        moved = self._apply_rule(key, patient, why, facts)
        deal = self._open_deals(patient, "appointments")
        if deal and not moved and deal.appointment_id:
            changed = {
                name: value
                for name, value in facts.items()
                if deal._fields[name].convert_to_write(deal[name], deal) != value
            }
            if changed:
                deal.with_context(tracking_disable=True).write(changed)
                deal._message_log(body=why)
        if began:
            for key in ("visit_booked_base", "visit_booked_reanimation"):
                self._apply_rule(key, patient, why)

    @api.model
    def _undo_visit(self, visit, why):
        """An arrival or a no-show was a slip: take back what followed from it."""
        # sudo: crm.lead - follows a correction at the desk
        closed = self.sudo().search(
            [
                ("appointment_id", "=", visit.id),
                ("pipeline", "=", "appointments"),
                ("is_open", "=", False),
            ]
        )
        if not closed:
            return
        closed._take_back(why)
        quiet = closed.with_context(tracking_disable=True)
        quiet.write({"active": False, "appointment_id": False})
        for deal in quiet:
            deal._message_log(body=why)
