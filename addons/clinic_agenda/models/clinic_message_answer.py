from datetime import timedelta

from odoo import models

from odoo.addons.clinic_message.lib.personal_link import place_of
from odoo.addons.clinic_patient.lib import clock
from odoo.addons.clinic_patient.lib.ours import Said

from ..lib.states import UPCOMING

#: How far ahead a visit may lie that an answer without a question is about.
AHEAD = timedelta(days=14)
#: Visits that are shown beside an answer that named none.
MATTERS = 5


class ClinicMessage(models.Model):
    """Answers of patients that confirm, move or cancel a visit."""

    _inherit = "clinic.message"

    def _inbox_actions(self):
        actions = super()._inbox_actions()
        may_book = self.env["clinic.appointment"].has_access("create")
        if self.patient_id.is_patient and may_book:
            label = self.env._("Book a visit")
            actions.append(
                {"method": "action_book", "label": label, "icon": "fa-calendar-plus-o"}
            )
        return actions

    def _inbox_matters(self):
        """The visits that were told of, else the next ones of who may have written."""
        matters = super()._inbox_matters()
        visits = self.env["clinic.appointment"]
        if self.direction != "in" or not visits.has_access("read"):
            return matters
        coming = [
            ("state", "in", UPCOMING[1:]),
            ("start", ">", fields.Datetime.now()),
        ]
        people = self.patient_id | self.candidate_ids
        found = visits.search([("id", "in", self._visits_told().ids), *coming])
        found = found or visits.search(
            [("patient_id", "in", people.ids), *coming],
            order="start, id",
            limit=MATTERS,
        )
        states = dict(visits._fields["state"]._description_selection(self.env))
        lang = self.env.lang or "en_US"
        return matters + [
            {
                "model": visit._name,
                "id": visit.id,
                "text": f"{visit._message_line(lang, self)} ({states[visit.state]})",
            }
            for visit in found
        ]

    def action_book(self):
        """Open the day sheet, ready to book for who wrote."""
        self.ensure_one()
        return self.patient_id.action_book_appointment()

    def _after_inbound(self, keyword):
        if super()._after_inbound(keyword):
            return True
        if keyword not in ("yes", "confirm", "cancel", "move"):
            return False
        visits = self._visits_meant()
        if not visits:
            return False
        act = {
            "cancel": self._answer_cancel,
            "move": self._answer_move,
        }.get(keyword, self._answer_confirm)
        return act(visits)

    def _visits_meant(self):
        """The visits an answer is about.

        Those that the answered message told of; otherwise the only one to come of the
        patient. Several without a question are left to a person.
        """
        self.ensure_one()
        told = self._visits_told()
        if told:
            return told.filtered(lambda visit: visit._is_to_come())
        # sudo: clinic.appointment - the answer came from an address of the patient
        visits = self.env["clinic.appointment"].sudo()
        if not self.patient_id:
            return visits
        now = clock.now()
        found = visits.search(
            [
                ("patient_id", "=", self.patient_id.id),
                ("state", "in", UPCOMING[1:]),
                ("start", ">", now),
                ("start", "<", now + AHEAD),
            ],
            limit=2,
        )
        return found if len(found) == 1 else visits

    def _visits_told(self):
        """The visits that the answered message told of, for a family too; in sudo."""
        self.ensure_one()
        # sudo: clinic.appointment - the answer came from an address of the patient
        visits = self.env["clinic.appointment"].sudo()
        asked = self.reply_to_id
        told = asked | self.search([("digest_id", "=", asked.id)]) if asked else asked
        about = told.filtered(lambda each: each.res_model == visits._name)
        return visits.browse(about.mapped("res_id")).exists()

    def _answer_confirm(self, visits):
        """Confirm the visits; again is harmless."""
        for visit in visits:
            if visit.state != "confirmed":
                visit.with_context(
                    clinic_channel=Said("message"),
                    clinic_actor_id=Said(self.recipient_id.id),
                ).action_confirm()
        first = visits[0]
        return self._reply_automatically(
            self.with_context(lang=self._answer_lang()).env._(
                "Thank you, confirmed: %(when)s, %(where)s.",
                when=first.location_id._speak_time(first.start, self._answer_lang()),
                where=first.location_id.name,
            )
        )

    def _answer_cancel(self, visits):
        """Cancel within the policy of the location; later a person is to call."""
        words = self.with_context(lang=self._answer_lang()).env._
        booking = self.env["clinic.booking"]
        late = visits.filtered(lambda visit: not booking._may_change(visit)[0])
        if late:
            self._reply_automatically(
                words(
                    "It is too late to cancel by message. Please call %(phone)s.",
                    phone=late[0].location_id.phone or self.company_id.phone or "",
                )
            )
            # A person sees it too: the chair may still be filled.
            return False
        for visit in visits:
            visit.with_context(
                clinic_channel=Said("message"),
                clinic_actor_id=Said(self.recipient_id.id),
            )._cancel(self.env._("By message"), by="patient")
        first = visits[0]
        return self._reply_automatically(
            words(
                "The visit on %(when)s is cancelled. Book another one: %(link)s",
                when=first.location_id._speak_time(first.start, self._answer_lang()),
                link=f"{first.get_base_url()}/clinic/book",
            )
        )

    def _answer_move(self, visits):
        """Send the link by which the visit is moved, as long as it may be."""
        visit = visits[0]
        allowed, _limit = self.env["clinic.booking"]._may_change(visit)
        person = self.recipient_id or self.candidate_ids[:1]
        if len(visits) > 1 or not (allowed and person and visit._link_works(person)):
            return False
        return self._reply_automatically(
            self.with_context(lang=self._answer_lang()).env._(
                "Choose another time here: %(link)s", link=place_of("visit_link")
            ),
            about=visit,
        )
