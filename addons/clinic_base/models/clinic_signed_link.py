from odoo import api, models
from odoo.tools.misc import hash_sign, verify_hash_signed


class ClinicSignedLink(models.AbstractModel):
    """Something that a person answers by a signed link, without a log-in.

    The link is for one person, ends by itself, and ends with the right to answer,
    which is asked at each use.
    """

    _name = "clinic.signed.link"
    _description = "Answered by a signed link"

    #: Where the links lie, and how long they work.
    _link_base = None
    _link_hours = None

    def _link_path(self, person):
        """The signed path by which a person answers.

        :param person: ``res.partner``
        """
        self.ensure_one()
        token = hash_sign(
            self.env(su=True),
            self._name,
            [self.id, person.id],
            expiration_hours=self._link_hours,
        )
        return f"{self._link_base}/{token}"

    @api.model
    def _by_token(self, token):
        """The record of a link, in sudo, and who answers by it.

        :returns: ``(record, res.partner)``; both empty for anything odd
        """
        # sudo: clinic.signed.link, res.partner - the signed link is the right
        records, people = self.sudo(), self.env["res.partner"].sudo()
        nothing = records.browse(), people
        try:
            found = verify_hash_signed(self.env(su=True), self._name, token)
        except ValueError:
            found = None
        if not found:
            return nothing
        record = records.browse(found[0]).exists()
        person = people.browse(found[1]).exists()
        if not record or not person or not record._may_answer(person):
            return nothing
        return record, person

    def _may_answer(self, _person):
        """Extension point: whether a person may answer today; nobody, unless said."""
        self.ensure_one()
        return False
