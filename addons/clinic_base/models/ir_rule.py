from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, ormcache
from odoo.tools.safe_eval import safe_eval


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

        Models add their own by ``_clinic_rule``.
        """
        domain = super()._compute_domain(model_name, mode)
        if self.env.su:
            return domain
        model = self.env[model_name]
        if model._is_wizard_of_suite():
            return Domain(domain) & Domain("create_uid", "=", self.env.uid)
        return model._clinic_rule(domain, mode)

    @api.model
    @ormcache(
        "self.env.uid",
        "model_name",
        "mode",
        "tuple(self._compute_domain_context_values())",
    )
    def _domain_for_all(self, model_name, mode):
        """What the rules allow that hold for everybody, such as those of companies.

        For roles of the clinic: rules that Odoo gives to groups of sales widen or
        narrow what those groups see, and not what a role does.

        :returns: Domain
        """
        rules = self._get_rules(model_name, mode)
        # sudo: ir.rule - evaluated for the user, who need not read them
        rules = rules.sudo().filtered(lambda rule: not rule.groups)
        context = self._eval_context()
        return Domain.AND(
            Domain(safe_eval(rule.domain_force or "[]", context)) for rule in rules
        ).optimize(self.env[model_name])

    @api.model
    @ormcache("self.env.uid", "model_name", "mode")
    def _is_given_elsewhere(self, model_name, mode):
        """Whether the user has a right to a model without any role of the clinic.

        Such a right stays what it is when its owner gets a role.

        :param str mode: ``read``, ``write``, ``create`` or ``unlink``
        """
        return bool(
            self.env.execute_query(
                SQL(
                    """
                    SELECT FROM ir_model_access access
                      JOIN ir_model model ON model.id = access.model_id
                     WHERE model.model = %(model)s AND access.active
                       AND access.%(right)s
                       AND (access.group_id IS NULL OR access.group_id IN %(groups)s)
                       AND NOT EXISTS (
                           SELECT FROM ir_model_data data
                            WHERE data.model = 'ir.model.access'
                              AND data.res_id = access.id
                              AND left(data.module, 7) = 'clinic_')
                     LIMIT 1
                    """,
                    model=model_name,
                    right=SQL.identifier(f"perm_{mode}"),
                    groups=tuple(self.env.user._get_group_ids()) or (None,),
                )
            )
        )
