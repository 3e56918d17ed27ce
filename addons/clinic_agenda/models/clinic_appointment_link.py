import base64
import hashlib
import hmac
from datetime import timedelta

from odoo import models
from odoo.tools import consteq
from odoo.tools.misc import hmac as signed

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.lib.ours import Said, said

#: How long after a visit its links still show it.
SHOWN_FOR = timedelta(days=30)


class ClinicAppointment(models.Model):
    """The personal links of a visit: one for each person who may act for the patient.

    A link is worth what its person may do on the day it is used: it ends with the
    right, however many others have got one of their own. It is made when it is sent and
    kept nowhere.
    """

    _inherit = "clinic.appointment"

    def _manage_path(self, person=None):
        """The link by which a person sees, moves and cancels the visit without log-in.

        :param person: ``res.partner``; whom the present message or page is for if left
            out
        :returns: the path, or nothing for who may not act for the patient
        """
        self.ensure_one()
        person = self._link_person() if person is None else person
        if not self._link_works(person):
            return ""
        return f"/clinic/visit/{self.id}/{self._link_token(person)}"

    def _manage_url(self, person=None):
        """The same with the address of the website in front, for messages."""
        path = self._manage_path(person)
        return path and self.get_base_url() + path

    def _link_works(self, person=None):
        """Whether the link of a person opens the visit today.

        It ends a month after the visit, and with the right to act for the patient.

        :param person: as of :meth:`_manage_path`
        """
        self.ensure_one()
        # sudo: clinic.appointment - only the answer leaves this method
        visit = self.sudo()
        person = visit._link_person() if person is None else person
        old = visit.stop < clock.now() - SHOWN_FOR
        if old or not person or not visit.patient_id:
            return False
        person = visit._as_merged(person)
        return (
            person == visit.patient_id
            or visit.patient_id in person._clinic_patients_for("book")
        )

    def _link_person(self):
        """Whom the present page or message is for."""
        self.ensure_one()
        number = said(self.env.context, "clinic_link_person_id")
        if number:
            return self.env["res.partner"].browse(number)
        return self._contact()["person"]

    def _by_link(self, token):
        """The visit for who shows a link, in sudo, and whose link it is.

        The visit knows the person from then on: its own links are that person's.

        :param str token: last part of the link, as it came from outside
        :returns: ``(visit, res.partner)``; both empty for anything odd
        """
        # sudo: clinic.appointment, res.partner - the signed link is the right
        visit, people = self.sudo(), self.env["res.partner"].sudo()
        number, _dash, _rest = token.partition("-") if isinstance(token, str) else "--"
        if not number.isascii() or not number.isdigit() or len(number) > 9:
            return visit.browse(), people
        # A card that was merged since is gone; its number is followed to the other one.
        person = people.browse(int(number))
        right = visit._link_token(person)
        if not consteq(right.encode(), token.encode()):
            return visit.browse(), people
        if not visit._link_works(person):
            return visit.browse(), people
        return visit.with_context(clinic_link_person_id=Said(person.id)), person

    def _link_token(self, person):
        """The number of a person and what proves that the clinic made the link."""
        self.ensure_one()
        # sudo: clinic.appointment - the visit's own secret signs its links
        secret = self.sudo().access_token or ""
        key = signed(self.env(su=True), "clinic.appointment.link", secret)
        message = f"{self.id}:{person.id}".encode()
        digest = hmac.new(key.encode(), message, hashlib.sha256).digest()
        return f"{person.id}-{base64.urlsafe_b64encode(digest[:18]).decode()}"

    def _as_merged(self, person):
        """The card that a person's card was merged into; the staff said it is one."""
        # sudo: clinic.merge - only the answer leaves this method
        merges = self.env["clinic.merge"].sudo()
        for _turn in range(5):
            merge = merges.search(
                [("source_number", "=", person.id), ("state", "=", "done")],
                order="id desc",
                limit=1,
            )
            if not merge.partner_id:
                break
            person = merge.partner_id
        return person
