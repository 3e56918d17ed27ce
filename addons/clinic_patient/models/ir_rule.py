from odoo import api, models
from odoo.fields import Domain


class IrRule(models.Model):
    """Record rules know ``clinic_today``, the ISO day by the clock of the clinic.

    Odoo's word "today" is the day where the reader says to be: whoever chose another
    zone would keep a right for some hours longer.
    """

    _inherit = "ir.rule"

    def _eval_context(self):
        return super()._eval_context() | {"clinic_today": self._clinic_today()}

    def _compute_domain_context_values(self):
        yield from super()._compute_domain_context_values()
        # Odoo keeps the domains of each user: those of tomorrow are others.
        yield self._clinic_today()

    def _clinic_today(self):
        return str(self.env["res.partner"]._clinic_today())

    @api.model
    def _compute_domain(self, model_name, mode="read"):
        """What a wizard of the suite holds is for who opened it.

        Its rows stay until they are cleaned up; they hold reasons, names and files, and
        Odoo shows them to all who may use the wizard.
        """
        domain = super()._compute_domain(model_name, mode)
        if not self.env.su and self.env[model_name]._is_wizard_of_suite():
            return Domain(domain) & Domain("create_uid", "=", self.env.uid)
        return domain
