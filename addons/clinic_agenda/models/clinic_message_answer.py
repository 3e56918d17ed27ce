from datetime import timedelta

from odoo import models

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.lib.ours import Said
from odoo.addons.clinic_message.lib.personal_link import place_of
from odoo.addons.clinic_message.lib.states import ANSWERS

from ..lib.states import AHEAD

#: How far ahead a visit may lie that an answer without a question is about.
NEAR = timedelta(days=14)
#: Visits that are shown beside an answer that named none.
MATTERS = 5
#: Visits that a question lists: with "all of these" a digit each.
MOST_VISITS = 8
#: What may be wanted of visits, and the method that does it.
WISHES = {
    "yes": "_answer_confirm",
    "confirm": "_answer_confirm",
    "cancel": "_answer_cancel",
    "move": "_answer_move",
}
#: Answers that agree to what was asked.
AGREEING = ("yes", "confirm")


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
            ("state", "in", AHEAD),
            ("start", ">", clock.now()),
        ]
        people = self.patient_id | self.candidate_ids
        told = [visit.id for visit in self.reply_to_id._visits_told()]
        found = visits.search([("id", "in", told), *coming], order="start, id")
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
        if keyword not in WISHES:
            return False
        if self._is_thanks(keyword):
            return True
        people = self._visits_meant(keyword)
        if not people:
            return False
        if len(people) == 1 or self._speaks_for_all(keyword, people):
            return self._act_on_visits(keyword, people)
        self._ask_which_visit(keyword, people)
        # Until the number comes it stands in the inbox: it may never come.
        return False

    def _is_thanks(self, keyword):
        """Whether it only says OK to what an automatic answer said."""
        asked = self.reply_to_id
        return bool(keyword == "yes" and asked.step == "auto" and asked.named)

    # ------------------------------------------------------------
    # Which visits are meant
    # ------------------------------------------------------------

    def _visits_meant(self, keyword):
        """The visits that an answer is about, each with who answers for it.

        Those that the answered message told of. An answer that names no message may be
        about other reminders that still ask. Where nothing was asked, those to come of
        the patient, when the answer says itself what is wanted.

        :param str keyword: key of ``WISHES``
        :returns: dict ``{clinic.appointment in sudo: res.partner}``, in order of time
        """
        self.ensure_one()
        asked = self.reply_to_id
        if not asked:
            people = {} if keyword == "yes" else self._visits_coming()
        elif keyword in AGREEING and asked.kind_id.code in ANSWERS:
            # What thanks, or offers a link, does not ask.
            people = {}
        else:
            people = asked._visits_told()
            if people and self.reply_is_guessed:
                people = self._visits_asked_too(keyword) | people
        return {
            visit: people[visit]
            for visit in sorted(people, key=lambda each: (each.start, each.id))
            if visit._is_to_come() and visit._link_works(people[visit])
        }

    def _visits_told(self):
        """The visits that these messages told of, each with whom they told.

        :returns: dict ``{clinic.appointment in sudo: res.partner}``
        """
        # sudo: clinic.appointment - the answer came from an address of the patient
        visits = self.env["clinic.appointment"].sudo()
        people = {}
        for message in self | self.search([("digest_id", "in", self.ids)]):
            ids = [message.res_id] if message._tells_of_visit() else []
            if message.kind_id.code == "reply":
                ids = [
                    number
                    for model, numbers in message.named or ()
                    if model == visits._name
                    for number in numbers
                ]
            for visit in visits.browse(ids).exists():
                people[visit] = message.recipient_id or visit.patient_id
        return people

    def _tells_of_visit(self):
        """Whether this message told a patient of a visit, not its location."""
        self.ensure_one()
        kind = self.kind_id
        of_patients = kind.lead_hours > 0 or (kind.code or "").startswith("visit_")
        return self.res_model == "clinic.appointment" and of_patients

    def _visits_asked_too(self, keyword):
        """The visits of the other reminders to this address that wait for an answer."""
        recent = self._asked_lately(
            self.channel, self.address, self.company_id, before=self
        )
        reminders = recent.filtered(lambda each: each.kind_id.lead_hours > 0)
        return {
            visit: person
            for visit, person in reminders._visits_told().items()
            if keyword not in AGREEING or visit.state != "confirmed"
        }

    def _visits_coming(self):
        """The visits of the next days of who wrote."""
        # sudo: clinic.appointment - the answer came from an address of the patient
        visits = self.env["clinic.appointment"].sudo()
        if not self.patient_id:
            return {}
        now = clock.now()
        found = visits.search(
            [
                ("patient_id", "=", self.patient_id.id),
                ("state", "in", AHEAD),
                ("start", ">", now),
                ("start", "<", now + NEAR),
            ],
            order="start, id",
            limit=MOST_VISITS,
        )
        return dict.fromkeys(found, self.recipient_id or self.patient_id)

    def _speaks_for_all(self, keyword, people):
        """Whether one person agrees to all the visits of one message."""
        told = self.reply_to_id._visits_told()
        one_person = len(set(people.values())) == 1
        return keyword in AGREEING and one_person and people.keys() <= told.keys()

    def _ask_which_visit(self, keyword, people):
        """List the visits and ask for a number; the last one means all."""
        lang = self._answer_lang()
        spoken = self.with_context(lang=lang)
        visits = list(people)[:MOST_VISITS]
        options = [(visit._message_line(lang, self), visit) for visit in visits]
        if keyword == "move":
            text = spoken.env._("Which visit is to be moved? Answer with the number:")
        else:
            text = (
                spoken.env._("Which visit is to be cancelled? Answer with the number:")
                if keyword == "cancel"
                else spoken.env._("Which visit do you confirm? Answer with the number:")
            )
            options.append((spoken.env._("All of these"), visits[0].concat(*visits)))
        return self._ask_for_number(text, options, "ask_visit")

    def _chosen(self, records):
        if records._name != "clinic.appointment":
            return super()._chosen(records)
        # sudo: clinic.appointment - the number names visits that were told to it
        records = records.sudo()
        told = self.reply_to_id._visits_told()
        mine = self.recipient_id or self.patient_id
        people = {visit: told.get(visit, mine) for visit in records}
        people = {
            visit: person
            for visit, person in people.items()
            if visit._is_to_come() and visit._link_works(person)
        }
        if people and self._act_on_visits(self.keyword, people):
            self.inbox_state = "done"
        return None

    # ------------------------------------------------------------
    # What is done
    # ------------------------------------------------------------

    def _act_on_visits(self, keyword, people):
        """Do what the answer wants with these visits, and say all that was done.

        :param dict people: as of :meth:`_visits_meant`
        :returns: whether no person need look at it
        """
        return getattr(self, WISHES[keyword])(people)

    def _by_message(self, visit, person):
        """The visit, to be changed in the name of who answers."""
        return visit.with_context(
            clinic_channel=Said("message"), clinic_actor_id=Said(person.id)
        )

    def _is_plain(self, people):
        """Whether it is clear without a name which visit an answer speaks of."""
        if len(people) > 1:
            return False
        [visit] = people
        return (
            visit.patient_id == (self.recipient_id or self.patient_id)
            and len(self._holders(self.channel, self.address)) < 2
        )

    def _visit_lines(self, visits):
        lang = self._answer_lang()
        return "\n".join(visit._message_line(lang, self) for visit in visits)

    def _answer_confirm(self, people):
        """Confirm the visits; again is harmless."""
        for visit, person in people.items():
            if visit.state != "confirmed":
                self._by_message(visit, person).action_confirm()
        spoken = self.with_context(lang=self._answer_lang())
        first = next(iter(people))
        if self._is_plain(people):
            text = spoken.env._(
                "Thank you, confirmed: %(when)s, %(where)s.",
                when=first.location_id._speak_time(first.start, self._answer_lang()),
                where=first.location_id.name,
            )
        else:
            text = "\n".join(
                [spoken.env._("Thank you, confirmed:"), self._visit_lines(people)]
            )
        return self._reply_automatically(text, named=first.concat(*people))

    def _answer_cancel(self, people):
        """Cancel within the policy of the location; later a person is to call."""
        spoken = self.with_context(lang=self._answer_lang())
        booking = self.env["clinic.booking"]
        first = next(iter(people))
        late = [visit for visit in people if not booking._may_change(visit)[0]]
        soon = [visit for visit in people if visit not in late]
        for visit in soon:
            self._by_message(visit, people[visit])._cancel(
                self.env._("By message"), by="patient"
            )
        parts = []
        if soon and self._is_plain(people):
            when = first.location_id._speak_time(first.start, self._answer_lang())
            link = f"{first.get_base_url()}/clinic/book"
            parts.append(
                spoken.env._(
                    "The visit on %(when)s is cancelled. Book another one: %(link)s",
                    when=when,
                    link=link,
                )
            )
        elif soon:
            parts += [spoken.env._("Cancelled:"), self._visit_lines(soon)]
        if late:
            parts.append(
                spoken.env._(
                    "It is too late to cancel by message. Please call %(phone)s.",
                    phone=late[0].location_id.phone or self.company_id.phone or "",
                )
            )
            parts += [] if self._is_plain(people) else [self._visit_lines(late)]
        answered = self._reply_automatically(
            "\n".join(parts), named=first.concat(*people)
        )
        # What is too late a person sees too: the chair may still be filled.
        return answered and not late

    def _answer_move(self, people):
        """Send the link by which the visit is moved, as long as it may be."""
        visit, person = next(iter(people.items()))
        allowed, _limit = self.env["clinic.booking"]._may_change(visit)
        if len(people) > 1 or not (allowed and person == self._link_reader()):
            return False
        return self._reply_automatically(
            self.with_context(lang=self._answer_lang()).env._(
                "Choose another time here: %(link)s", link=place_of("visit_link")
            ),
            about=visit,
            named=visit,
        )

    def _link_reader(self):
        """Whose link an answer to this message holds."""
        return self.recipient_id or self.candidate_ids[:1]
