from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

#: What a person may change of the own card in the portal, without asking staff.
OWN_FIELDS = ("email", "street", "street2", "zip", "city", "lang", "preferred_channel")
LONGEST = 200


class ResPartner(models.Model):
    """The patient in the portal: what is to do, and the own data."""

    _inherit = "res.partner"

    def _portal_family(self):
        """Return, in sudo, whose pages this person may look at today, oneself first."""
        self.ensure_one()
        # sudo: res.partner - the search starts from this very person
        family = self._clinic_patients_for("read").sudo()
        return family.sorted(lambda each: (each.id != self.id, each.name or ""))

    def _portal_todo(self, patients):
        """Extension point: what this person should do, for whom.

        :param patients: those of the family that are looked at, in sudo
        :returns: list of dicts with ``title``, ``text`` (for whom, of what), ``url``,
            ``icon`` of Font Awesome, and ``urgent``; addons add theirs to ``super()``
        """
        self.ensure_one()
        return [
            *self._todo_contact(patients),
        ]

    def _todo_contact(self, patients):
        # sudo: res.partner - whoever looks at the own home of the portal
        is_patient = self.sudo().is_patient
        if not is_patient or self not in patients.with_env(self.env):
            return []
        # sudo: clinic.phone - one's own
        phones = self.sudo().phone_ids
        if phones.filtered("verified_on") and self.email:
            return []
        return [
            {
                "title": self.env._("Check how we reach you")
                if phones and self.email
                else self.env._("Tell us how we reach you"),
                "text": self.env._("Your mobile number and e-mail address"),
                "url": "/my/data",
                "icon": "fa-phone",
                "urgent": False,
            }
        ]

    # ------------------------------------------------------------
    # Own data
    # ------------------------------------------------------------

    @api.model
    def _portal_own_fields(self):
        """Extension point: names of the fields a person may change of the own card."""
        return [*OWN_FIELDS, "country_id"]

    def _portal_write(self, form):
        """Take what a person typed about the own card.

        :param dict form: names of fields and texts; names that are not among
            :meth:`_portal_own_fields` are ignored
        :raises UserError: a value that cannot be; nothing is changed then
        """
        self.ensure_one()
        names = [name for name in self._portal_own_fields() if name in form]
        vals = {name: self._portal_value(name, form[name]) for name in names}
        # sudo: res.partner - the own card, and of it the fields above only
        card = self.sudo()
        changed = {
            name: value
            for name, value in vals.items()
            if (card[name].id if name.endswith("_id") else card[name] or False) != value
        }
        if not changed:
            return
        card.write(changed)
        labels = [
            card._fields[name].get_description(card.env)["string"] for name in changed
        ]
        card.message_post(
            body=self.env._(
                "Changed in the portal: %(fields)s", fields=", ".join(labels)
            ),
            author_id=self.id,
        )

    def _portal_value(self, name, text):
        """Return the value of a field that was typed as text.

        :raises UserError: it cannot be one, in words
        """
        field = self._fields[name]
        text = " ".join(str(text or "").replace("\x00", "").split())
        if not text:
            return False
        if len(text) > LONGEST:
            raise UserError(self.env._("This is too long: %(text)s…", text=text[:40]))
        if name == "email":
            if not email_normalize(text):
                raise UserError(
                    self.env._(
                        "“%(text)s” is no e-mail address. Write it like "
                        "name@example.com.",
                        text=text,
                    )
                )
            return text
        if field.type == "selection" or name == "lang":
            options = dict(field.get_description(self.env)["selection"])
            if text not in options:
                raise UserError(self.env._("Choose one of the list."))
            return text
        if field.type == "many2one":
            found = self._portal_options(name).filtered(
                lambda each: str(each.id) == text
            )
            if not found:
                raise UserError(self.env._("Choose one of the list."))
            return found.id
        return text

    @api.model
    def _portal_options(self, name):
        """Extension point: the records among which a person chooses, in sudo."""
        # sudo: res.country - names of countries
        options = self.env[self._fields[name].comodel_name].sudo()
        return options.search([], limit=500)
