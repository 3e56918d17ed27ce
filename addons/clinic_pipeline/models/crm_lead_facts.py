from odoo import api, fields, models
from odoo.exceptions import RedirectWarning
from odoo.fields import Domain

from odoo.addons.clinic_base.lib.ours import said
from odoo.addons.clinic_patient.lib.roles import STAFF_GROUPS


class CrmLead(models.Model):
    """Deals: what a stage says has happened, and whether it has.

    Automatic moves follow facts. A person may move a deal to a stage that speaks of a
    fact when the fact is there; a deal whose fact is missing, because it was given up
    or the fact went away, is marked.
    """

    _inherit = "crm.lead"

    against_facts = fields.Boolean(
        string="Nothing behind it",
        compute="_compute_against_facts",
        search="_search_against_facts",
        groups=STAFF_GROUPS,
        help="The stage speaks of a visit, a plan or a treatment that is not there.",
    )
    facts_warning = fields.Char(
        string="Missing", compute="_compute_against_facts", groups=STAFF_GROUPS
    )

    @api.depends("stage_id", "patient_id.on_treatment")
    def _compute_against_facts(self):
        # sudo: crm.lead - visits of every location count, whoever looks
        deals = self.sudo()
        against = deals.filtered_domain(self._against_facts())
        for deal in self:
            deal.against_facts = deal.sudo() in against
            deal.facts_warning = deal.against_facts and deal._facts_words()

    def _search_against_facts(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._against_facts()
        return domain if True in value else ~domain

    @api.model
    def _against_facts(self):
        """Which deals stand in a stage whose fact is missing; addons add their facts.

        :returns: Domain of ``crm.lead``
        """
        return Domain("stage_id.pipeline_key", "=", "base.on_treatment") & Domain(
            "patient_id.on_treatment", "=", False
        )

    def _facts_words(self):
        """What is missing behind this deal, in words; addons add theirs."""
        return self.env._("The card is not marked “On treatment”")

    def _facts_missing(self, stage):
        """What must happen before a person may move this deal to a stage.

        :param stage: crm.stage
        :returns: ``(words, action, name of the button)``, or nothing; addons add theirs
        """
        self.ensure_one()
        # sudo: crm.stage, res.partner - facts, whoever moves the deal
        key, patient = stage.sudo().pipeline_key, self.patient_id.sudo()
        if key == "base.on_treatment" and not patient.on_treatment:
            return (
                self.env._(
                    "The card of %(patient)s is not marked “On treatment”. Mark it: "
                    "the deal moves by itself.",
                    patient=patient.name,
                ),
                self.action_view_patient(),
                self.env._("Open the card"),
            )
        return None

    def _check_facts(self, stage):
        """Refuse a move by hand to a stage that speaks of what has not happened.

        :raises RedirectWarning: says what is missing and leads there
        """
        if self.env.su or said(self.env.context, "clinic_deal_rule"):
            return
        for deal in self:
            if missing := deal._facts_missing(stage):
                raise RedirectWarning(*missing)
