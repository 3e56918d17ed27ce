from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, RedirectWarning, UserError, ValidationError
from odoo.tests import Form, tagged

from .pipeline_common import PipelineCommon

STAGES = {
    "appointments": [
        "New request",
        "Taken in work",
        "Finding a time",
        "Appointment made",
        "Appointment confirmed",
        "Patient came",
        "Did not come",
    ],
    "base": [
        "Base: on treatment",
        "Base",
        "Needs handling",
        "Taken in work",
        "Finding a time",
        "Refused",
    ],
    "coordinators": [
        "To work up",
        "Taken in work",
        "Plan drafted",
        "Plan approved",
        "Plan presented",
        "Consent given",
        "Contract signed",
        "Refused",
    ],
    "reanimation": [
        "Never came",
        "Used to come",
        "Showed interest",
        "Taken in work",
        "Finding a time",
        "Refused",
    ],
}

#: (rule, open deals before, cause, open deals after, closed deals after)
MOVES = [
    ("contact_request", [], "contact", ["appointments.new"], []),
    ("contact_base", ["base.base"], "contact", ["base.needs_handling"], []),
    ("contact_base", ["base.on_treatment"], "contact", ["base.needs_handling"], []),
    (
        "contact_reanimation",
        ["reanimation.never_came"],
        "contact",
        ["reanimation.interested"],
        [],
    ),
    (
        "contact_reanimation",
        ["reanimation.used_to_come"],
        "contact",
        ["reanimation.interested"],
        [],
    ),
    (
        "came_base",
        ["appointments.confirmed"],
        "to appointments.came",
        ["base.base", "coordinators.to_work_up"],
        ["appointments.came"],
    ),
    (
        "came_base",
        ["appointments.confirmed", "base.taken"],
        "to appointments.came",
        ["base.base", "coordinators.to_work_up"],
        ["appointments.came"],
    ),
    (
        "came_on_treatment",
        ["appointments.confirmed"],
        "treat to appointments.came",
        ["base.on_treatment", "coordinators.to_work_up"],
        ["appointments.came"],
    ),
    (
        "came_first",
        ["appointments.new"],
        "to appointments.came",
        ["base.base", "coordinators.to_work_up"],
        ["appointments.came"],
    ),
    (
        "came_reanimation",
        ["appointments.new", "reanimation.taken"],
        "to appointments.came",
        ["base.base", "coordinators.to_work_up"],
        ["appointments.came", "reanimation.searching"],
    ),
    (
        "missed_never_came",
        ["appointments.booked"],
        "to appointments.missed",
        ["reanimation.never_came"],
        ["appointments.missed"],
    ),
    (
        "missed_used_to_come",
        ["appointments.booked"],
        "came to appointments.missed",
        ["reanimation.used_to_come"],
        ["appointments.missed"],
    ),
    (
        "missed_used_to_come",
        ["appointments.booked", "reanimation.never_came"],
        "came to appointments.missed",
        ["reanimation.used_to_come"],
        ["appointments.missed"],
    ),
    (
        "base_found_time",
        ["base.taken"],
        "to base.searching",
        ["appointments.searching"],
        ["base.searching"],
    ),
    (
        "base_found_time",
        ["base.taken", "appointments.new"],
        "to base.searching",
        ["appointments.searching"],
        ["base.searching"],
    ),
    (
        "base_refused",
        ["base.base"],
        "to base.refused",
        ["reanimation.used_to_come"],
        ["base.refused"],
    ),
    (
        "reanimation_found_time",
        ["reanimation.interested"],
        "to reanimation.searching",
        ["appointments.searching"],
        ["reanimation.searching"],
    ),
    ("treatment_begun", ["base.base"], "treat", ["base.on_treatment"], []),
    ("treatment_ended", ["base.base"], "treat untreat", ["base.base"], []),
]


@tagged("post_install", "-at_install")
class TestPipelines(PipelineCommon):
    def test_stages(self):
        """CRM-01: the four pipelines have the stages of the catalogue, in order."""
        for pipeline, names in STAGES.items():
            stages = self.env["crm.stage"].search([("pipeline", "=", pipeline)])
            self.assertEqual(stages.mapped("name"), names)
            self.assertEqual(len(stages.team_ids), 1)
        won = self.env["crm.stage"].search(
            [("pipeline", "!=", False), ("is_won", "=", True)]
        )
        self.assertEqual(
            set(won.mapped("pipeline_key")),
            {
                "appointments.came",
                "base.searching",
                "coordinators.contract",
                "reanimation.searching",
            },
        )
        lost = self.env["crm.stage"].search(
            [("pipeline", "!=", False), ("is_lost", "=", True)]
        )
        self.assertEqual(
            set(lost.mapped("pipeline_key")),
            {
                "appointments.missed",
                "base.refused",
                "coordinators.refused",
                "reanimation.refused",
            },
        )
        self.assertTrue(all(lost.mapped("reason_required")))

    def test_renamed_stages_work(self):
        """CRM-01: an administrator renames stages and pipelines; moves go on."""
        self.stage("base.needs_handling").name = "Zu bearbeiten"
        self.stage("base.base").team_ids.name = "Stammkunden"
        patient = self.patient()
        self.deal("base.base", patient)
        self.perform(patient, "contact")
        self.assertEqual(self.keys(patient), ["base.needs_handling"])
        with self.assertRaises(UserError):
            self.stage("base.taken").unlink()

    def test_table_of_moves(self):
        """CRM-02: from, cause, to and side effects of each move of this addon."""
        for key, before, cause, after, closed in MOVES:
            with self.subTest(rule=key, before=before, cause=cause):
                rule = self.Rule.search([("key", "=", key)])
                patient = self.patient()
                for each in before:
                    self.deal(each, patient)
                self.perform(patient, cause)
                self.assertEqual(self.keys(patient), sorted(after))
                self.assertEqual(self.keys(patient, is_open=False), sorted(closed))
                deals = self.Deal.search([("patient_id", "=", patient.id)])
                self.assertIn(rule, deals.entry_ids.rule_id)
                said = "".join(map(str, deals.message_ids.mapped("body")))
                self.assertIn(rule.name, said)

    def test_every_move_can_be_switched_off(self):
        """CRM-02: a move that is switched off leaves the deals as they are."""
        for key, before, cause, _after, _closed in MOVES:
            with self.subTest(rule=key, before=before, cause=cause):
                rule = self.Rule.search([("key", "=", key)])
                rule.enabled = False
                patient = self.patient()
                for each in before:
                    self.deal(each, patient)
                self.perform(patient, cause)
                deals = self.Deal.search([("patient_id", "=", patient.id)])
                self.assertNotIn(rule, deals.entry_ids.rule_id)
                rule.enabled = True

    def test_open_is_not_written_by_hand(self):
        """CRM-02, S2: nobody hides an open deal from the rule of one deal."""
        deal = self.deal("appointments.new", self.patient())
        with self.assertRaises(AccessError):
            deal.with_user(self.user("coordinator")).write({"is_open": False})
        self.assertTrue(deal.is_open)

    def test_all_moves_are_in_the_table(self):
        """CRM-02: no move of this addon is untested."""
        own = self.Rule.search([]).filtered(
            lambda rule: rule.get_external_id()[rule.id].startswith("clinic_pipeline.")
        )
        # Those of visits and of plans have theirs in tests of their own.
        own = own.filtered(lambda rule: not rule.key.startswith(("plan_", "visit_")))
        self.assertEqual(set(own.mapped("key")), {move[0] for move in MOVES})

    def test_contact_tells_the_responsible(self):
        """CRM-02: who is responsible hears that a patient got in touch."""
        user = self.user("coordinator", notification_type="inbox")
        patient = self.patient(responsible_id=user.id)
        deal = self.deal("base.base", patient)
        patient._contacted("message", "Pain again")
        self.drain()
        notified = self.env["mail.message"].search(
            [
                ("model", "=", "crm.lead"),
                ("res_id", "=", deal.id),
                ("notified_partner_ids", "in", user.partner_id.ids),
            ]
        )
        self.assertTrue(notified)
        self.assertNotIn("Pain", str(notified.body))
        self.assertIn("Pain again", "".join(map(str, deal.message_ids.mapped("body"))))
        self.assertEqual(deal.activity_ids.user_id, user)

    def test_moves_happen_with_any_role(self):
        """CRM-02: a receptionist who may not change deals of others causes moves."""
        user = self.user("receptionist", deal_read_only=True)
        patient = self.patient()
        self.deal("base.base", patient)
        patient.with_user(user).on_treatment = True
        patient.with_user(user)._contacted("call")
        self.drain()
        self.assertEqual(self.keys(patient), ["base.needs_handling"])

    def test_one_open_deal(self):
        """CRM-02: a second open deal of a pipeline is refused, with the way to the
        first."""
        patient = self.patient()
        first = self.deal("appointments.taken", patient)
        with self.assertRaises(RedirectWarning) as refusal:
            self.deal("appointments.new", patient)
        self.assertEqual(refusal.exception.args[1]["res_id"], first.id)
        self.move(first, "appointments.missed")
        self.deal("appointments.new", patient)
        self.deal("coordinators.to_work_up", patient)

    def test_a_deal_opens_with_the_data_of_the_card(self):
        """CRM-03: source, detail, UTM and responsible come from the card."""
        source = self.env["utm.source"].create({"name": "Radio"})
        user = self.user("coordinator")
        patient = self.patient(
            source_id=source.id, source_detail="Morning show", responsible_id=user.id
        )
        patient._contacted("website")
        self.drain()
        deal = self.Deal._open_deals(patient)
        self.assertEqual(deal.source_id, source)
        self.assertEqual(deal.source_detail, "Morning show")
        self.assertEqual(deal.user_id, user)
        self.assertFalse(deal.email_from or deal.phone or deal.partner_id)
        self.assertIn(patient.name, deal.display_name)

    def test_entries(self):
        """CRM-03: the date of entry to every stage is kept and can be searched."""
        deal = self.deal("appointments.new")
        self.move(deal, "appointments.taken")
        entries = deal.entry_ids.sorted("id")
        self.assertEqual(
            entries.mapped("stage_id.pipeline_key"),
            ["appointments.new", "appointments.taken"],
        )
        self.assertTrue(entries[0].left_at)
        self.assertFalse(entries[1].left_at)
        self.env.cr.execute(
            "UPDATE clinic_pipeline_entry SET entered_at = entered_at"
            " - interval '5 hours' WHERE id = %s",
            [entries[1].id],
        )
        self.move(deal, "appointments.searching")
        self.assertAlmostEqual(entries[1].hours, 5, delta=0.1)
        was_new_today = [
            (
                "entry_ids",
                "any",
                [
                    ("stage_id", "=", self.stage("appointments.new").id),
                    ("entered_at", ">=", "today"),
                ],
            )
        ]
        self.assertIn(deal, self.Deal.search(was_new_today))

    def test_reason_is_required(self):
        """CRM-01: a lost stage asks for the reason, and the wizard gives it."""
        deal = self.deal("base.base")
        stage = self.stage("base.refused")
        with self.assertRaises(RedirectWarning) as refusal:
            deal.stage_id = stage
        action = refusal.exception.args[1]
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        form.lost_reason_id = self.price
        form.comment = "Too dear"
        form.save().action_apply()
        self.assertEqual(deal.stage_id, stage)
        self.assertEqual(deal.lost_reason_id, self.price)
        self.assertEqual(deal.won_status, "lost")
        self.assertFalse(deal.is_open)
        self.move(deal, "base.taken")
        self.assertFalse(deal.lost_reason_id)
        self.assertTrue(deal.is_open)
        stage.reason_required = False
        deal.stage_id = stage

    def test_stage_of_another_pipeline(self):
        """CRM-01: a deal stays in its pipeline."""
        deal = self.deal("base.base")
        with self.assertRaises(ValidationError):
            deal.stage_id = self.stage("reanimation.taken")
        deal.user_id = self.user("coordinator")
        self.assertEqual(deal.team_id.pipeline, "base")

    def test_next_steps(self):
        """CRM-04: each stage plans its next step and forgets the one before."""
        user = self.user("coordinator")
        deal = self.deal("appointments.new", user_id=user.id)
        self.assertEqual(deal.activity_ids.summary, "Call the patient back")
        self.assertEqual(deal.activity_ids.user_id, user)
        today = fields.Date.context_today(deal)
        self.assertEqual(deal.next_step_date, today)
        self.assertEqual(deal.step_state, "today")
        self.move(deal, "appointments.searching")
        self.assertEqual(deal.activity_ids.summary, "Offer a time")
        self.assertEqual(deal.next_step_date, today + timedelta(days=1))
        mine = deal.activity_schedule(
            summary="Mine", user_id=user.id, date_deadline=today
        )
        self.assertEqual(deal.next_step_date, today)
        self.move(deal, "appointments.booked")
        self.assertEqual(deal.activity_ids, mine)
        mine.action_done()
        self.assertFalse(deal.next_step_date)
        self.assertFalse(deal.has_no_next_step, "a booked visit is the next step")
        stage = self.stage("appointments.taken")
        stage.write({"next_step": "Own words", "next_step_days": 4})
        self.move(deal, "appointments.taken")
        self.assertEqual(deal.activity_ids.summary, "Own words")
        self.assertEqual(deal.next_step_date, today + timedelta(days=4))

    def test_forgotten_deals(self):
        """CRM-04: a list shows open deals without a next step."""
        deal = self.deal("appointments.new")
        rest = self.deal("base.base")
        forgotten = [("has_no_next_step", "=", True), ("id", "in", [deal.id, rest.id])]
        self.assertFalse(self.Deal.search(forgotten))
        deal.activity_ids.action_done()
        self.assertEqual(self.Deal.search(forgotten), deal)
        self.assertTrue(deal.has_no_next_step)
        self.assertEqual(deal.team_id.no_step_deal_count, 1)

    def test_stuck_deals(self):
        """CRM-04: a deal that stays too long raises one task to the manager."""
        manager = self.user("manager")
        deal = self.deal("appointments.new")
        fresh = self.deal("appointments.new")
        deal.team_id.user_id = manager
        self.env.cr.execute(
            "UPDATE crm_lead SET date_last_stage_update = date_last_stage_update"
            " - interval '25 hours' WHERE id = %s",
            [deal.id],
        )
        self.env.invalidate_all()
        both = deal | fresh
        stuck = [("is_stuck", "=", True), ("id", "in", both.ids)]
        self.assertEqual(self.Deal.search(stuck), deal)
        self.assertTrue(deal.is_stuck)
        for _run in range(2):
            self.Deal.search(stuck + [("stuck_told_at", "=", False)])._raise_stuck()
        tasks = deal.activity_ids.filtered(lambda task: task.user_id == manager)
        self.assertEqual(len(tasks), 1)
        self.assertIn("Stuck", tasks.summary)
        self.stage("appointments.new").stuck_after_hours = 48
        self.assertFalse(self.Deal.search(stuck))
        self.move(deal, "appointments.taken")
        self.assertFalse(deal.stuck_told_at)

    def test_stuck_job(self):
        """CRM-04: the scheduled action finds stuck deals by itself."""
        deal = self.deal("appointments.new")
        deal.date_last_stage_update = fields.Datetime.now() - timedelta(days=3)
        with self.enter_registry_test_mode():
            self.env.ref(
                "clinic_pipeline.ir_cron_raise_stuck_deals"
            ).method_direct_trigger()
        self.env.invalidate_all()
        self.assertTrue(deal.stuck_told_at)

    def test_move_job(self):
        """CRM-02: the scheduled action works off the causes."""
        patient = self.patient()
        patient._contacted("email")
        with self.enter_registry_test_mode():
            self.env.ref(
                "clinic_pipeline.ir_cron_apply_pipeline_causes"
            ).method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.keys(patient), ["appointments.new"])
        self.assertFalse(self.Cause.search([("patient_id", "=", patient.id)]))

    def test_glued_on_the_base_stages(self):
        """CRM-05: a second deal for the base is glued on to the one that rests."""
        source = self.env["utm.source"].create({"name": "Radio"})
        patient = self.patient()
        rest = self.deal("base.base", patient)
        self.deal("appointments.confirmed", patient, source_id=source.id)
        self.perform(patient, "to appointments.came")
        self.assertEqual(self.Deal._open_deals(patient, "base"), rest)
        self.assertEqual(rest.source_id, source)
        self.assertIn("Glued", "".join(map(str, rest.message_ids.mapped("body"))))

    def test_merged_cards(self):
        """CRM-05: merging two cards glues their open deals, with all they had."""
        keep, gone = self.patient(), self.patient()
        kept = self.deal("base.base", keep)
        other = self.deal("base.taken", gone, source_detail="A friend")
        alone = self.deal("coordinators.drafted", gone)
        closed = self.deal("appointments.new", gone)
        self.move(closed, "appointments.missed")
        self.deal("appointments.new", keep)
        self.deal("appointments.searching", gone)
        note = other.message_post(body="Called")
        task = other.activity_schedule(summary="Mine")
        gone._contacted("call")
        stays = other.entry_ids
        gone._merge_into(keep)
        self.env.invalidate_all()
        self.assertFalse(other.exists())
        self.assertEqual(
            self.keys(keep),
            [
                "appointments.searching",
                "base.taken",
                "coordinators.drafted",
                "reanimation.never_came",
            ],
        )
        self.assertEqual(alone.patient_id, keep)
        self.assertEqual(closed.patient_id, keep)
        self.assertEqual(kept.source_detail, "A friend")
        self.assertEqual(note.res_id, kept.id)
        self.assertEqual(task.res_id, kept.id)
        self.assertLessEqual(stays, kept.entry_ids)
        self.assertEqual(len(kept.entry_ids.filtered(lambda e: not e.left_at)), 1)
        self.drain()
        self.assertFalse(self.Cause.search([("patient_id", "=", keep.id)]))

    def test_everybody_who_came_is_put_into_the_base(self):
        """CRM-01: imported patients get their deal in one statement."""
        here, treated, never = self.patient(), self.patient(), self.patient()
        self.write_facts(here, visit_count=3)
        treated.on_treatment = True
        self.write_facts(treated, visit_count=1)
        self.drain()
        self.assertGreaterEqual(self.Deal._open_base_deals(), 2)
        self.assertEqual(self.keys(here), ["base.base"])
        self.assertEqual(self.keys(treated), ["base.on_treatment"])
        self.assertFalse(self.keys(never))
        self.assertFalse(self.Deal._open_base_deals())

    def test_sales_of_odoo_are_left_alone(self):
        """Odoo's own opportunities behave as without this addon."""
        user = self.env.ref("base.user_admin")
        lead = self.Deal.with_user(user).create({"name": "A sale"})
        self.assertFalse(lead.pipeline or lead.is_open or lead.entry_ids)
        self.assertFalse(lead.team_id.pipeline)
        lead.action_set_lost()
        self.assertEqual(lead.won_status, "lost")
        lead.action_unarchive()
        lead.action_set_won()
        self.assertEqual(lead.won_status, "won")

    def test_a_broken_cause_waits_and_blocks_only_its_patient(self):
        """A cause that fails is tried again; others go on; the log tells no data."""
        one, two = self.patient(), self.patient()
        self.deal("base.base", one)
        self.deal("base.base", two)
        self.stage("base.needs_handling").reason_required = True
        self.env.ref("clinic_pipeline.rule_contact_base").enabled = True
        self.deal("reanimation.never_came", two)
        one._contacted("call", "secret words")
        with self.assertLogs(
            "odoo.addons.clinic_pipeline.models.clinic_pipeline_cause", "WARNING"
        ) as log:
            self.Cause._drain()
        self.assertNotIn("secret", "".join(log.output))
        cause = self.Cause.search([("patient_id", "=", one.id)])
        self.assertEqual((cause.attempts, cause.error), (1, "RedirectWarning"))
        self.stage("base.needs_handling").reason_required = False
        two._contacted("call")
        self.drain()
        self.assertEqual(self.keys(one), ["base.needs_handling"])
