from odoo import api, models
from odoo.fields import Domain

from odoo.addons.clinic_patient.lib.roles import STAFF_GROUPS

OURS = Domain("pipeline", "!=", False)
THEIRS = Domain("pipeline", "=", False)
MANAGER = "clinic_patient.group_clinic_manager"


class CrmLead(models.Model):
    """Deals are for staff as their switches say; leads of sales as Odoo says."""

    _inherit = "crm.lead"

    @api.model
    def _clinic_rule(self, domain, mode):
        domain = super()._clinic_rule(domain, mode)
        rules, user = self.env["ir.rule"], self.env.user
        allowed = Domain.FALSE
        if user.has_group(STAFF_GROUPS):
            deals = user._deal_domain(write=mode != "read")
            allowed = rules._domain_for_all("crm.lead", mode) & OURS & deals
        if rules._is_given_elsewhere("crm.lead", mode):
            allowed |= domain & THEIRS
        return allowed

    def _compute_potential_lead_duplicates(self):
        """As Odoo's, which counts with all rights: leads of sales among themselves."""
        result = super()._compute_potential_lead_duplicates()
        for lead in self.filtered(lambda each: not each.pipeline):
            leads = lead.duplicate_lead_ids.filtered_domain(THEIRS)
            lead.duplicate_lead_ids = leads
            lead.duplicate_lead_count = len(leads)
        return result

    @api.model
    def _rule_of_settings(self, model_name, domain, mode):
        """The rule of teams and stages: staff read all, their managers change ours.

        :param str model_name: one that has ``pipeline``
        """
        rules, user = self.env["ir.rule"], self.env.user
        if mode == "read" and user.has_group(STAFF_GROUPS):
            return domain
        allowed = Domain.FALSE
        if user.has_group(MANAGER):
            allowed = rules._domain_for_all(model_name, mode) & OURS
        if rules._is_given_elsewhere(model_name, mode):
            allowed |= domain & THEIRS
        return allowed


class CrmActivityReport(models.Model):
    """Odoo's analysis of activities is about leads of sales."""

    _inherit = "crm.activity.report"

    @api.model
    def _clinic_rule(self, domain, mode):
        domain = super()._clinic_rule(domain, mode)
        return domain & Domain("lead_id", "any", THEIRS)


class CrmTeam(models.Model):
    """Pipelines are the clinic's: sales neither see nor change them."""

    _inherit = "crm.team"

    @api.model
    def _clinic_rule(self, domain, mode):
        return self.env["crm.lead"]._rule_of_settings(
            self._name, super()._clinic_rule(domain, mode), mode
        )


class CrmStage(models.Model):
    """Stages of pipelines are the clinic's: sales neither see nor change them."""

    _inherit = "crm.stage"

    @api.model
    def _clinic_rule(self, domain, mode):
        return self.env["crm.lead"]._rule_of_settings(
            self._name, super()._clinic_rule(domain, mode), mode
        )
