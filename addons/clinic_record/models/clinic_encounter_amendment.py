from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.clinic_base.lib import clock


class ClinicEncounterAmendment(models.Model):
    """What was added to a signed encounter: when, by whom. Never changed."""

    _name = "clinic.encounter.amendment"
    _description = "Amendment"
    _inherit = ["clinic.gate"]
    _order = "encounter_id, id"

    encounter_id = fields.Many2one(
        "clinic.encounter", required=True, index=True, ondelete="restrict"
    )
    author_id = fields.Many2one(
        "res.users", required=True, readonly=True, default=lambda self: self.env.user
    )
    date = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now, index=True
    )
    text = fields.Text(required=True)

    @api.model_create_multi
    def create(self, vals_list):
        """Add to signed encounters, in one's own name and now.

        :raises UserError: the encounter is not signed yet
        :raises AccessError: neither one's own encounter nor the chief doctor
        """
        now = clock.now()
        amendments = super(ClinicEncounterAmendment, self._ours()).create(
            [dict(vals, author_id=self.env.uid, date=now) for vals in vals_list]
        )
        amendments = amendments.with_env(self.env)
        for amendment in amendments:
            encounter = amendment.encounter_id
            if encounter.state == "draft":
                raise UserError(
                    self.env._("Write it into the encounter: it is not signed yet.")
                )
            encounter.check_access("write")
        amendments.encounter_id._after_amended()
        return amendments

    def write(self, vals):
        """Refuse: amendments are added, never changed."""
        if vals:
            raise AccessError(self.env._("An amendment stays as it was written."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("An amendment stays as it was written."))
