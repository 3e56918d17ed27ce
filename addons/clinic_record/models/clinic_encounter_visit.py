from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.clinic_agenda.lib.states import FINISHED, UPCOMING
from odoo.addons.clinic_base.lib import clock

from ..lib.encounter_life import RECORD_GROUPS


class ClinicEncounter(models.Model):
    """An encounter belongs to the visit in which it took place."""

    _inherit = "clinic.encounter"

    appointment_id = fields.Many2one(
        "clinic.appointment",
        string="Visit",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        readonly=True,
    )
    appointment_state = fields.Selection(
        related="appointment_id.state", string="State of the visit"
    )

    _appointment_unique = models.UniqueIndex(
        "(appointment_id) WHERE appointment_id IS NOT NULL",
        "This visit has its encounter already: open the visit again.",
    )

    @api.constrains("appointment_id", "patient_id")
    def _check_appointment(self):
        for encounter in self:
            # sudo: clinic.appointment - only whose visit it is
            visit = encounter.appointment_id.sudo()
            if visit and visit.patient_id != encounter.patient_id:
                raise ValidationError(
                    self.env._("This visit is another patient's: choose the right one.")
                )

    def action_finish_visit(self):
        """End the visit as well; a repeat changes nothing."""
        for visit in self.appointment_id:
            if visit.state in UPCOMING:
                visit.action_arrive()
            if visit.state not in FINISHED:
                visit.action_done()


class ClinicAppointment(models.Model):
    """The encounter of a visit, one click away."""

    _inherit = "clinic.appointment"

    encounter_ids = fields.One2many(
        "clinic.encounter",
        "appointment_id",
        string="Encounters",
        groups=RECORD_GROUPS,
        help="One at most.",
    )

    def action_open_encounter(self):
        """Open the encounter of this visit; begin it if there is none.

        :raises UserError: it stands with a colleague, or the visit has no patient
        """
        self.ensure_one()
        self.check_access("read")
        Encounter = self.env["clinic.encounter"]
        Encounter.check_access("create")
        # sudo: clinic.encounter - whether there is one, whoever writes it
        known = Encounter.sudo().search([("appointment_id", "=", self.id)])
        if known:
            encounter = known.with_env(self.env)
            if not encounter.has_access("read"):
                raise UserError(
                    self.env._(
                        "%(name)s is writing the encounter of this visit.",
                        name=known.practitioner_id.name,
                    )
                )
        elif not self.patient_id or self.state in ("cancelled", "expired", "no_show"):
            raise UserError(
                self.env._("Nobody came to this visit: there is nothing to write.")
            )
        else:
            encounter = Encounter._ours().create(self._prepare_encounter_vals())
        return {
            "type": "ir.actions.act_window",
            "res_model": "clinic.encounter",
            "res_id": encounter.id,
            "view_mode": "form",
            "views": [[False, "form"]],
        }

    def _prepare_encounter_vals(self):
        """What an encounter takes over from its visit."""
        self.ensure_one()
        return {
            "patient_id": self.patient_id.id,
            "appointment_id": self.id,
            "company_id": self.company_id.id,
            "start": min(self.start, clock.now()),
            "complaint": self.patient_note,
        }
