from odoo import api, models


class Base(models.AbstractModel):
    """Wizards of the suite take no record that their user may not read.

    Odoo shows the name of whatever a link leads to, and related fields follow it with
    all rights: whoever opened a wizard for a number read whose number it is.
    """

    _inherit = "base"

    @api.model
    def _is_wizard_of_suite(self):
        """Whether this is a transient model that an addon of the suite made."""
        return self._transient and (self._original_module or "").startswith("clinic_")

    def _links_of_wizard(self):
        """The stored links of this wizard to cards and to models of the suite."""
        return [
            field
            for field in self._fields.values()
            if field.type in ("many2one", "many2many")
            and field.store
            and (
                field.comodel_name == "res.partner"
                or field.comodel_name.startswith("clinic.")
            )
        ]

    def _check_links_of_wizard(self):
        """Refuse what the user may not read.

        :raises AccessError: names the model, not what is there
        """
        if self.env.su or not self._is_wizard_of_suite():
            return
        linked = {}
        for field in self._links_of_wizard():
            # sudo: the wizard itself - only the ids it leads to
            ids = self.sudo().mapped(field.name)._origin.ids
            linked.setdefault(field.comodel_name, set()).update(ids)
        self.env["clinic.gate"]._check_linked(
            {name: ids for name, ids in linked.items() if ids}
        )

    @api.model_create_multi
    def create(self, vals_list):
        """As Odoo's; the links of a wizard are checked, defaults included."""
        records = super().create(vals_list)
        if self._transient:
            records._check_links_of_wizard()
        return records

    def write(self, vals):
        """As Odoo's; the links of a wizard are checked."""
        result = super().write(vals)
        if self._transient:
            self._check_links_of_wizard()
        return result

    def onchange(self, values, field_names, fields_spec):
        """As Odoo's; what a wizard would show is checked before it is worked out."""
        if self._transient and not self.env.su and self._is_wizard_of_suite():
            linked = {}
            for field in self._links_of_wizard():
                default = self.env.context.get(f"default_{field.name}")
                for value in (values.get(field.name), default):
                    if isinstance(value, dict):
                        value = value.get("id")
                    if field.type == "many2one" and isinstance(value, int) and value:
                        linked.setdefault(field.comodel_name, set()).add(value)
            self.env["clinic.gate"]._check_linked(linked)
        return super().onchange(values, field_names, fields_spec)
