from odoo import api, models


class Base(models.AbstractModel):
    """A good neighbour: who has no role of the clinic notices nothing of the suite.

    The suite adds fields to models of Odoo, and each has groups. Odoo copies and
    completes such fields for everybody, and then refuses them to who may not see them.
    """

    _inherit = "base"

    @api.model
    def _fields_kept_from_user(self):
        """Names of the suite's fields on this model that the user may not see."""
        if self.env.su:
            return set()
        return {
            name
            for name, field in self._fields.items()
            if field.groups
            and any(module.startswith("clinic_") for module in field._modules)
            and not self._has_field_access(field, "write")
        }

    def copy_data(self, default=None):
        """As Odoo's; a copy begins without what the user may not see."""
        kept = self._fields_kept_from_user() - (default or {}).keys()
        if not kept:
            return super().copy_data(default)
        copies = super().copy_data({**(default or {}), **dict.fromkeys(kept, False)})
        for vals in copies:
            for name in kept & (vals or {}).keys():
                del vals[name]
        return copies

    def copy_translations(self, new, excluded=()):
        """As Odoo's; what was not copied has no translations either."""
        return super().copy_translations(
            new, excluded={*excluded, *self._fields_kept_from_user()}
        )

    @api.model
    def default_get(self, fields):
        """As Odoo's; what a record inherits begins as its own model says.

        A user that is made gets a contact: Odoo would write that contact's defaults
        with the rights of who makes the user.
        """
        defaults = super().default_get(fields)
        if self._inherits:
            for name in self._fields_kept_from_user() & defaults.keys():
                if self._fields[name].inherited:
                    del defaults[name]
        return defaults

    @api.model
    def _clinic_rule(self, domain, mode):
        """Extension point: the record rule of this model, for the user who asks.

        Rules of the suite on models of Odoo stand here and not in the database: those
        are read by every user and also while Odoo is loaded without the suite, for
        example when it updates and tests ``crm``, and would name fields that are not
        there.

        :param Domain domain: what the rules in the database allow
        :param str mode: ``read``, ``write``, ``create`` or ``unlink``
        :returns: Domain of what is allowed
        """
        return domain
