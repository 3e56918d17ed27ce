from datetime import timedelta

from freezegun import freeze_time
from lxml import html

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.clinic_patient.tests.common import group_of

from .common import NOW, AgendaCommon


class DisruptionCommon(AgendaCommon):
    """Anna has three visits on Tuesday and falls ill; Bruno offers the same."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_week(cls.anna)
        cls.open_week(cls.bruno)
        cls.people = [
            cls.make_patient("Pat", name, email=f"{name.lower()}@example.com")
            for name in ("Ada", "Bea")
        ]
        cls.people.append(cls.make_patient("Pat", "Mute"))
        cls.visits = cls.env["clinic.appointment"]
        for number, person in enumerate(cls.people):
            cls.visits |= cls.book(cls.tuesday(8 + number), patient_id=person.id)
        cls.away = cls.env["clinic.disruption"].create(
            {
                "practitioner_id": cls.anna.id,
                "date_from": "2026-03-03",
                "date_to": "2026-03-03",
            }
        )

    def line_of(self, visit):
        return self.away.line_ids.filtered(lambda line: line.appointment_id == visit)

    def asked(self, line):
        return self.env["clinic.message"].search(
            [("res_model", "=", line._name), ("res_id", "=", line.id)]
        )


@tagged("post_install", "-at_install")
class TestDisruption(DisruptionCommon):
    """A practitioner falls ill: one list until every visit is settled."""

    def test_from_ill_to_zero_unresolved(self):
        """AGD-11: the agenda closes, every visit is listed with proposals that nobody
        shares, nothing is cancelled silently, and the list ends at zero."""
        self.book(self.tuesday(8) + timedelta(days=1), patient_id=self.people[0].id)
        self.away.action_begin()
        self.away.action_begin()
        self.assertEqual(self.away.line_ids.appointment_id, self.visits)
        self.assertEqual(set(self.visits.mapped("state")), {"booked"})
        self.assertFalse(self.starts(practitioner_ids=self.anna.ids))
        options = self.away.line_ids.option_ids
        keys = [(each.start, each.practitioner_id) for each in options]
        self.assertEqual(len(keys), len(set(keys)))
        for line in self.away.line_ids:
            first = line.option_ids[0]
            self.assertEqual(
                (first.start, first.practitioner_id), (line.start, self.bruno)
            )
            self.assertIn(self.anna, line.option_ids.practitioner_id, "and later")
        self.away.action_offer()
        one, two, mute = map(self.line_of, self.visits)
        self.assertEqual(
            (one | two | mute).mapped("state"), ["offered", "offered", "open"]
        )
        self.assertTrue(mute.to_call, "who cannot be written to is called")
        one._take(one.option_ids[0], self.people[0])
        self.assertEqual(
            (self.visits[0].practitioner_id, self.visits[0].state),
            (self.bruno, "booked"),
        )
        self.assertIn("1", self.away.progress_words)
        self.assertEqual(self.away.state, "open")
        self.visits[1]._cancel("Does not want another", by="patient")
        self.assertEqual(two.state, "cancelled")
        mute.action_called()
        self.assertEqual(self.away.state, "open")
        mute.action_keep()
        self.assertEqual((self.away.state, self.away.progress), ("settled", 100))

    def test_moved_by_hand_is_settled(self):
        """However a visit is moved, the list knows; what waited is not sent."""
        self.away.action_begin()
        self.away.action_offer()
        line = self.line_of(self.visits[0])
        [message] = self.asked(line)
        self.visits[0]._move(self.tuesday(11), practitioner=self.bruno)
        self.assertEqual(line.state, "moved")
        self.assertEqual(message.state, "cancelled")

    def test_text_names_no_illness(self):
        """Five languages; time and proposal in the location's hours, no reason."""
        self.away.reason = "Influenza"
        self.away.action_begin()
        self.away.action_offer()
        line = self.line_of(self.visits[0])
        [message] = self.asked(line)
        text = message._text()[1]
        self.assertIn(self.rome._speak_time(line.start, message.lang), text)
        self.assertIn(line.with_context(lang=message.lang).proposal, text)
        self.assertIn("/clinic/other-time/", text)
        self.assertNotIn("Influenza", text)
        self.assertEqual(
            set(message.template_id.text_ids.mapped("lang")),
            {"en_US", "it_IT", "ru_RU", "tr_TR", "zh_CN"},
        )

    def test_undo_only_while_nobody_was_told(self):
        self.away.action_begin()
        self.away.action_offer()
        self.away.action_undo()
        self.assertEqual((self.away.state, len(self.away.line_ids)), ("undone", 0))
        self.assertTrue(self.starts(practitioner_ids=self.anna.ids))
        again = self.away.copy({"date_from": "2026-03-03", "date_to": "2026-03-03"})
        self.away = again
        again.action_begin()
        again.action_offer()
        self.asked(self.line_of(self.visits[0]))._apply_state("sent", source="sender")
        with self.assertRaises(UserError), self.env.cr.savepoint():
            again.action_undo()
        self.assertEqual(len(again.line_ids), 3)

    def test_no_reminder_of_what_does_not_take_place(self):
        visit = self.visits[0]
        self.away.action_begin()
        with freeze_time(self.tuesday(8) - timedelta(hours=23)):
            visit._remind(self.env.ref("clinic_agenda.kind_visit_reminder_24h"))
            message = self.env["clinic.message"].search(
                [
                    ("res_model", "=", "clinic.appointment"),
                    ("res_id", "=", visit.id),
                    ("kind_id.lead_hours", ">", 0),
                ]
            )
            self.assertTrue(message._is_obsolete())

    def test_answers(self):
        """AGD-11: YES takes the proposal, NO has somebody call."""
        sms = self.env["clinic.message.provider"].create(
            {"name": "SMS", "channel": "sms", "kind": "odoo_mail"}
        )
        number = "+393331234567"
        self.env["clinic.phone"].create(
            {"partner_id": self.people[2].id, "number": number}
        )
        self.away.action_begin()
        line = self.line_of(self.visits[2])
        line.action_offer()
        [message] = self.asked(line)
        message._apply_state("sent", source="sender")
        answer = self.env["clinic.message"]._receive(sms, "sms", number, "no", "1")
        self.assertEqual((line.state, line.to_call), ("open", True))
        self.assertEqual(answer.inbox_state, "new")
        self.env["clinic.message"]._receive(sms, "sms", number, "yes", "2")
        self.assertEqual(
            (line.state, self.visits[2].practitioner_id), ("moved", self.bruno)
        )

    def test_roles(self):
        """The desk begins, whatever its rights on schedules; the own location only in
        the list; practitioners and marketing do not see it."""
        group = "clinic_patient.group_clinic_"
        desk = new_test_user(self.env, "desk", groups=f"{group}operator")
        self.away.with_user(desk).action_begin()
        line = self.line_of(self.visits[0])
        line.with_user(desk).action_take_proposal()
        self.assertEqual(line.state, "moved")
        desk.clinic_location_ids = self.sao_paulo
        with self.assertRaises(AccessError):
            line.with_user(desk).read(["state"])
        for role in ("practitioner", "marketing"):
            user = new_test_user(self.env, role, groups=group_of(role))
            with self.subTest(role), self.assertRaises(AccessError):
                self.away.with_user(user).read(["state"])


@tagged("post_install", "-at_install")
class TestOtherTimeLink(DisruptionCommon, HttpCase):
    """The link of a disrupted visit."""

    def setUp(self):
        super().setUp()
        self.away.action_begin()
        self.line = self.line_of(self.visits[0])
        self.path = self.line._link_path(self.people[0])

    def post(self, end, **data):
        page = html.fromstring(self.url_open(self.path).content)
        token = page.xpath("//input[@name='csrf_token']/@value")[0]
        return self.url_open(end, data={"csrf_token": token, **data})

    def test_choose(self):
        """AGD-11: GET changes nothing; an option of somebody else is refused; the
        chosen one moves the visit once."""
        self.assertIn("Choose one of these times", self.url_open(self.path).text)
        foreign = self.line_of(self.visits[1]).option_ids[0]
        answer = self.post(f"{self.path}/take", option=foreign.id)
        self.assertEqual(answer.status_code, 409)
        answer = self.post(f"{self.path}/call")
        self.assertIn("We call you", answer.text)
        self.assertTrue(self.line.to_call)
        answer = self.post(f"{self.path}/take", option=self.line.option_ids[1].id)
        self.assertIn("Your visit has another time", answer.text)
        self.assertEqual(self.line.state, "moved")

    def test_attacks(self):
        """Forged, another patient's and a former guardian's links show nothing."""
        former = self.make_patient("Pat", "Former")
        self.env["clinic.relationship"].create(
            {
                "patient_id": self.people[0].id,
                "guardian_id": former.id,
                "kind": "parent",
                "can_book": True,
                "date_start": NOW.date() - timedelta(days=30),
                "date_end": NOW.date() - timedelta(days=1),
            }
        )
        for path in (
            f"{self.path[:-4]}AAAA",
            self.line._link_path(self.people[1]),
            self.line._link_path(former),
        ):
            self.assertEqual(self.url_open(path).status_code, 404)
            self.assertEqual(self.post(f"{path}/take").status_code, 404)
        with freeze_time(NOW + timedelta(days=31)):
            token = self.path.rpartition("/")[2]
            self.assertFalse(self.env["clinic.disruption.line"]._by_token(token)[0])
