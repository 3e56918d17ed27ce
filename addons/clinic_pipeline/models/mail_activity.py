from odoo import fields, models

from odoo.addons.clinic_patient.lib.roles import STAFF_GROUPS


class MailActivity(models.Model):
    """An activity that a stage of a pipeline planned ends with the stage."""

    _inherit = "mail.activity"

    deal_stage_id = fields.Many2one(
        "crm.stage",
        string="Planned by the stage",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        groups=STAFF_GROUPS,
    )
