from datetime import datetime

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_patient.tests.common import group_of

from .common_journey import JourneyCommon


@tagged("post_install", "-at_install")
class TestJourney(JourneyCommon):
    """What journeys do, when, and for whom."""

    def test_a_whole_journey(self):
        """RCL-06: trigger, message, wait, condition, tag and goal, with counters."""
        journey = self.journey()
        message, _wait, fork = self.chain(
            journey,
            ("message", {"template_id": self.text.id}),
            ("wait", {"wait_amount": 3, "wait_unit": "days"}),
            ("condition", {"condition": "booked"}),
        )
        tag = self.env["clinic.journey.node"].browse(
            journey.insert_node("tag", fork.id, "else")
        )
        tag.tag_id = self.tag
        journey.action_start()
        self.tick()
        self.assertEqual(journey.inside_count, 6)
        self.assertEqual(len(self.messages(journey)), 6)
        self.tick(days=2, hours=23)
        self.assertFalse(self.people.filtered("category_id"))
        self.book(self.tuesday(9), patient_id=self.people[0].id)
        self.tick(days=3)
        self.assertEqual(self.people.filtered("category_id"), self.people[1:])
        self.assertEqual(journey.goal_count, 1)
        flow = {node["id"]: node for node in journey.get_flow()["nodes"]}
        self.assertEqual(flow[message.id]["passed"], 6)
        self.assertEqual(flow[message.id]["goal"], 1)
        self.assertEqual(flow[tag.id]["passed"], 5)

    def test_running_again_repeats_nothing(self):
        """RCL-06: every step once, however often the clock runs."""
        journey = self.journey()
        self.chain(
            journey,
            ("message", {"template_id": self.text.id}),
            ("task", {"task_summary": "Call"}),
            ("wait", {"wait_amount": 9}),
        )
        journey.action_start()
        for _again in range(3):
            self.tick()
        self.assertEqual(len(self.messages(journey)), 6)
        self.assertEqual(len(self.people.activity_ids), 6)
        self.assertEqual(
            self.Passage.search_count([("entry_id.journey_id", "=", journey.id)]), 12
        )

    def test_a_goal_stops_everything(self):
        """RCL-06: messages that wait are taken back, nothing follows."""
        journey = self.journey(goal="domain", goal_domain="[('city', '=', 'Rome')]")
        self.chain(
            journey,
            ("message", {"template_id": self.text.id}),
            ("wait", {"wait_amount": 1}),
            ("message", {"template_id": self.text.id}),
        )
        journey.action_start()
        self.tick()
        self.people[0].city = "Rome"
        self.tick(days=5)
        mine = journey.entry_ids.filtered(
            lambda entry: entry.patient_id == self.people[0]
        )
        self.assertEqual(mine.state, "goal")
        states = (
            self.messages(journey)
            .filtered(lambda one: one.patient_id == self.people[0])
            .mapped("state")
        )
        self.assertEqual(states, ["cancelled"])

    def test_leaving(self):
        """RCL-06: by the rule, by an archived card, by the end of the journey."""
        journey = self.journey(
            has_exit_rule=True, exit_domain="[('city', '=', 'Rome')]"
        )
        self.chain(journey, ("wait", {"wait_amount": 9}))
        journey.action_start()
        self.tick()
        self.people[0].city = "Rome"
        self.people[1].active = False
        self.tick()
        reasons = {entry.patient_id: entry.exit_reason for entry in journey.entry_ids}
        self.assertEqual(reasons[self.people[0]], "rule")
        self.assertEqual(reasons[self.people[1]], "archived")
        journey.action_end()
        self.assertEqual(journey.inside_count, 0)

    def test_who_enters_again(self):
        """RCL-06: once, after some days, or whenever it is over."""
        once = self.journey()
        later = self.journey(reentry="after", reentry_days=30)
        always = self.journey(reentry="always")
        for journey in (once, later, always):
            self.chain(journey, ("tag", {"tag_id": self.tag.id}))
            journey.action_start()
        self.tick()
        self.tick(days=10)
        self.tick(days=31)
        for journey, times in ((once, 1), (later, 2), (always, 3)):
            self.assertEqual(len(journey.entry_ids), 6 * times, journey.reentry)

    def test_only_who_comes_later(self):
        """RCL-06: a journey may leave out those who are in the segment already."""
        journey = self.journey(include_present=False)
        self.chain(journey, ("wait", {}))
        journey.action_start()
        self.tick()
        self.assertEqual(journey.entry_count, 0)
        new = self.make_patient("Trip9", "New")
        self.tick()
        inside = journey.entry_ids.filtered(lambda entry: entry.state == "active")
        self.assertEqual(inside.patient_id, new)

    def test_cap(self):
        """RCL-06: so many a day, the others on the days after."""
        journey = self.journey(cap_per_day=4)
        self.chain(journey, ("wait", {"wait_amount": 90}))
        journey.action_start()
        self.tick()
        self.tick()
        self.assertEqual(journey.entry_count, 4)
        self.tick(days=1, minutes=1)
        self.assertEqual(journey.entry_count, 6)

    def test_visits_begin_journeys(self):
        """RCL-06: a no-show begins its journey once; older ones begin none."""
        early = self.book(self.tuesday(9), patient_id=self.people[0].id)
        late = self.book(self.tuesday(10), patient_id=self.people[1].id)
        with freeze_time(self.tuesday(12)):
            early.action_no_show()
        journey = self.journey(
            trigger="no_show", segment_id=False, reentry="always", goal="none"
        )
        self.chain(journey, ("tag", {"tag_id": self.tag.id}))
        with freeze_time(self.tuesday(13)):
            journey.action_start()
            late.action_no_show()
        for hour in (14, 15, 16):
            with freeze_time(self.tuesday(hour)):
                self.tick()
        self.assertEqual(journey.entry_ids.patient_id, self.people[1])
        self.assertEqual(len(journey.entry_ids), 1)

    def test_birthdays(self):
        """RCL-06: on the day at the clinic; 29 February counts on the 28th."""
        leap = self.people[0]
        leap.birth_date = "1988-02-29"
        journey = self.journey(trigger="birthday", reentry="always", goal="none")
        self.env.company.partner_id.tz = "Europe/Rome"
        self.chain(journey, ("tag", {"tag_id": self.tag.id}))
        journey.action_start()
        for moment, expected in (
            (datetime(2026, 5, 31, 21, 59), 0),
            (datetime(2026, 5, 31, 22, 1), 5),
            (datetime(2026, 6, 1, 12, 0), 5),
            (datetime(2027, 2, 28, 12, 0), 6),
            (datetime(2028, 2, 28, 12, 0), 6),
            (datetime(2028, 2, 29, 12, 0), 7),
        ):
            with freeze_time(moment), self.subTest(moment):
                self.tick()
                self.assertEqual(len(journey.entry_ids), expected)

    def test_conditions_about_messages(self):
        """RCL-06: what became of the message decides the way."""
        journey = self.journey(goal="none")
        _message, _wait, fork = self.chain(
            journey,
            ("message", {"template_id": self.text.id}),
            ("wait", {"wait_amount": 1}),
            ("condition", {"condition": "read"}),
        )
        journey.insert_node("tag", fork.id, "next")
        fork.next_id.tag_id = self.tag
        journey.action_start()
        self.tick()
        read = self.messages(journey)[0]
        read._apply_state("read", source="provider")
        self.tick(days=2)
        self.assertEqual(self.people.filtered("category_id"), read.patient_id)

    def test_simulation_changes_nothing(self):
        """RCL-06: which way and when, without a row written or a message sent."""
        journey = self.journey()
        _message, wait, fork = self.chain(
            journey,
            ("message", {"template_id": self.text.id}),
            ("wait", {"wait_kind": "weekday", "wait_weekday": "4", "wait_hour": 9.5}),
            (
                "condition",
                {"condition": "domain", "domain": "[('family_name', '=', 'Trip0')]"},
            ),
        )
        goal = journey.insert_node("goal", fork.id, "next")
        tag = journey.insert_node("tag", fork.id, "else")
        self.env.company.partner_id.tz = "Europe/Rome"
        for patient, last in ((self.people[0], goal), (self.people[1], tag)):
            trial = journey.simulate(patient.id)
            self.assertEqual(trial["steps"][-1]["id"], last)
            self.assertEqual(trial["steps"][1]["id"], wait.id)
            self.assertEqual(trial["steps"][1]["moment"], "2026-03-06 08:30:00")
        self.assertFalse(journey.entry_ids)
        self.assertFalse(self.messages(journey))

    def test_editing_the_graph(self):
        """RCL-06: steps are put between others and taken out; no circles."""
        journey = self.journey()
        first, second = self.chain(journey, ("wait", {}), ("tag", {}))
        middle = self.env["clinic.journey.node"].browse(
            journey.insert_node("task", first.id)
        )
        self.assertEqual((first.next_id, middle.next_id), (middle, second))
        with self.assertRaises(ValidationError):
            second.next_id = first
        journey.remove_node(middle.id)
        self.assertEqual(first.next_id, second)
        journey.remove_node(first.id)
        self.assertEqual(journey.first_id, second)
        copy = journey.copy()
        self.assertNotEqual(copy.first_id, second)
        self.assertEqual(copy.first_id.kind, "tag")

    def test_incomplete_journeys_do_not_start(self):
        """RCL-06: the step that lacks something is named."""
        journey = self.journey()
        with self.assertRaises(UserError):
            journey.action_start()
        self.chain(journey, ("message", {"name": "Write"}))
        with self.assertRaisesRegex(UserError, "Write"):
            journey.action_start()

    def test_running_journeys_are_not_rebuilt(self):
        """RCL-06: pause first."""
        journey = self.journey()
        [node] = self.chain(journey, ("wait", {}))
        journey.action_start()
        with self.assertRaises(UserError):
            journey.insert_node("tag")
        with self.assertRaises(UserError):
            node.kind = "tag"
        with self.assertRaises(UserError):
            journey.trigger = "birthday"
        journey.action_pause()
        self.tick()
        self.assertFalse(journey.entry_ids)

    def test_no_code_in_conditions(self):
        """RCL-06: conditions are data; code and unknown fields are refused."""
        journey = self.journey()
        [node] = self.chain(journey, ("condition", {"condition": "domain"}))
        for bad in (
            "[('id', '=', __import__('os').getpid())]",
            "[('no_such_field', '=', 1)]",
            "[(",
            "1",
        ):
            with self.subTest(bad), self.assertRaises(ValidationError):
                node.domain = bad

    def test_conditions_ask_no_more_than_their_writer_may(self):
        """OPS-01: marketing learns no diagnosis from the counters of a journey."""
        marketing = new_test_user(
            self.env, "j_m", groups="clinic_patient.group_clinic_marketing"
        )
        journey = self.journey(owner_id=marketing.id)
        [node] = self.chain(journey, ("condition", {"condition": "domain"}))
        for writer in (marketing, self.env.user):
            with self.subTest(writer.login), self.assertRaises(AccessError):
                node.with_user(writer).domain = "[('condition_ids', '!=', False)]"
        with self.assertRaises(AccessError):
            journey.with_user(marketing).exit_domain = "[('balance_due', '>', 0)]"

    def test_who_may_what(self):
        """OPS-01: marketing builds, the coordinator reads, the desk sees nothing."""
        journey = self.journey()
        users = {
            role: new_test_user(self.env, f"jr_{role}", groups=group_of(role))
            for role in ("marketing", "coordinator", "receptionist", "practitioner")
        }
        journey.with_user(users["marketing"]).insert_node("wait")
        journey.with_user(users["coordinator"]).get_flow()
        with self.assertRaises(AccessError):
            journey.with_user(users["coordinator"]).insert_node("wait")
        for role in ("receptionist", "practitioner"):
            with self.subTest(role), self.assertRaises(AccessError):
                journey.with_user(users[role]).get_flow()
        with self.assertRaises(AccessError):
            self.Entry.with_user(users["marketing"]).create(
                {
                    "journey_id": journey.id,
                    "patient_id": self.people[0].id,
                    "cause_key": "x",
                }
            )

    @mute_logger("odoo.addons.clinic_recall.models.clinic_journey_run")
    def test_a_step_that_fails_is_tried_again_and_holds_nobody_up(self):
        """RCL-06: the others go on; at last it is given up and shown as stuck."""
        journey = self.journey()
        [node] = self.chain(journey, ("deal", {}))
        node.rule_id = self.env["clinic.pipeline.rule"].search([], limit=1)
        other = self.journey()
        self.chain(other, ("tag", {"tag_id": self.tag.id}))
        (journey | other).action_start()
        node.rule_id.key = "broken"
        self.env.cr.execute(
            "UPDATE clinic_journey_node SET kind = 'condition', condition = 'domain',"
            " domain = '[(' WHERE id = %s",
            [node.id],
        )
        self.env.invalidate_all()
        self.tick()
        self.assertEqual(set(other.entry_ids.mapped("state")), {"done"})
        self.assertEqual(set(journey.entry_ids.mapped("attempts")), {1})
        for day in range(1, 6):
            self.tick(days=day)
        self.assertEqual(set(journey.entry_ids.mapped("state")), {"failed"})

    def test_cost_does_not_grow_with_patients(self):
        """RCL-06: a batch of many costs about as much as a batch of few."""

        def cost(number, name):
            people = self.env["res.partner"].create(
                [
                    {
                        "is_patient": True,
                        "family_name": f"{name}{one}",
                        "given_name": "A",
                        "email": f"{name}{one}@example.com",
                    }
                    for one in range(number)
                ]
            )
            segment = self.env["clinic.segment"].create(
                {"name": name, "domain": f"[('family_name', '=like', '{name}%')]"}
            )
            journey = self.journey(segment_id=segment.id)
            self.chain(
                journey,
                ("tag", {"tag_id": self.tag.id}),
                ("message", {"template_id": self.text.id}),
                ("wait", {"wait_amount": 1}),
            )
            journey.action_start()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["clinic.journey"]._enter_all()
            self.Entry._drain(limit=500)
            self.env.flush_all()
            count = self.env.cr.sql_log_count - before
            self.assertEqual(journey.inside_count, len(people))
            journey.action_end()
            return count

        cost(2, "Warm")
        few = cost(5, "Few")
        self.assertLessEqual(cost(120, "Many"), few + 6)

    def test_merged_cards(self):
        """PAT-05: entries go with the card, and come back."""
        journey = self.journey()
        self.chain(journey, ("wait", {"wait_amount": 9}))
        journey.action_start()
        self.tick()
        loser, winner = self.people[:2]
        merge = self.env["clinic.merge"]._merge(loser, winner)
        self.env.invalidate_all()
        self.assertNotIn(loser, journey.entry_ids.patient_id)
        merge._undo()
        self.env.invalidate_all()
        self.assertIn(loser, journey.entry_ids.patient_id)
