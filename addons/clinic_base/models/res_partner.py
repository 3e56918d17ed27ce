from datetime import datetime
from zoneinfo import ZoneInfo

from odoo import api, models
from odoo.tools import ormcache


class ResPartner(models.Model):
    """The card of a company says by which clock its clinic lives."""

    _inherit = "res.partner"

    @api.model
    def _clinic_tz(self):
        """The zone of the clinic, by whose clock rights begin and end.

        The zone of the reader is the reader's choice and must not prolong them.
        """
        return self._tz_of_company(self.env.company.id)

    @api.model
    @ormcache("company_id")
    def _tz_of_company(self, company_id):
        """Kept, because every record rule asks for it."""
        # sudo: res.company - the zone is no secret
        company = self.env["res.company"].sudo().browse(company_id)
        return company.partner_id.tz or "UTC"

    def write(self, vals):
        result = super().write(vals)
        # sudo: res.company - only whether one of these is a company of the clinic
        companies = self.env["res.company"].sudo()
        if "tz" in vals and companies.search_count(
            [("partner_id", "in", self.ids)], limit=1
        ):
            self.env.registry.clear_cache()
        return result

    @api.model
    def _clinic_today(self):
        """The day by the clock of the clinic, on which rights begin and end."""
        return datetime.now(ZoneInfo(self._clinic_tz())).date()
