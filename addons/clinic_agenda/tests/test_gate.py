from contextlib import suppress

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_base.lib.ours import OURS

from .common import AgendaCommon


@tagged("post_install", "-at_install")
class TestGate(AgendaCommon):
    """What a caller gives reaches no other record, whatever is written with sudo."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_week(cls.anna)
        cls.other_company = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.victim = cls.make_patient(
            "Zyxwvut", "Vera", company_id=cls.other_company.id
        )
        cls.operator = new_test_user(
            cls.env, "operator", groups="clinic_patient.group_clinic_operator"
        )
        cls.foreign = cls.book(cls.tuesday(9))
        cls.secret = cls.env["ir.attachment"].create(
            {
                "name": "secret.txt",
                "raw": b"Zyxwvut is ill",
                "res_model": "res.partner",
                "res_id": cls.victim.id,
            }
        )
        cls.note = cls.victim.message_post(body="Zyxwvut called")
        cls.activity = cls.victim.activity_schedule(
            "mail.mail_activity_data_todo", user_id=cls.env.uid
        )
        cls.env.flush_all()

    def vals(self, **more):
        return {
            "patient_id": self.patient.id,
            "practitioner_id": self.anna.id,
            "service_id": self.service.id,
            "location_id": self.rome.id,
            "start": self.tuesday(11),
            **more,
        }

    def book_by_rpc(self, context=None, **more):
        """Book as the operator's browser would, over RPC."""
        env = self.env(user=self.operator)
        with self.env.cr.savepoint():
            return call_kw(
                env["clinic.appointment"],
                "create",
                [[self.vals(**more)]],
                {"context": context or {}},
            )

    def assertUntouched(self):
        self.env.invalidate_all()
        self.assertFalse(self.secret.public)
        self.assertEqual(self.secret.res_id, self.victim.id)
        self.assertIn("called", self.note.exists().body)
        self.assertEqual(self.note.res_id, self.victim.id)
        self.assertEqual(self.activity.exists().res_id, self.victim.id)

    def attacks(self):
        """Commands that reached records of another patient's visit."""
        published = [Command.update(self.secret.id, {"public": True})]
        return {
            "message_ids": [
                [Command.create({"body": "x", "attachment_ids": published})],
                [Command.update(self.note.id, {"body": "rewritten"})],
                [Command.link(self.note.id)],
                [Command.set(self.note.ids)],
                [Command.delete(self.note.id)],
                [Command.unlink(self.note.id)],
            ],
            "activity_ids": [
                [Command.link(self.activity.id)],
                [Command.delete(self.activity.id)],
            ],
            "message_follower_ids": [[Command.create({"partner_id": self.victim.id})]],
            "event_ids": [[Command.create({"kind": "state"})]],
            "equipment_ids": [
                [Command.create({"name": "x"})],
                [Command.update(1, {"name": "x"})],
                [Command.delete(1)],
            ],
        }

    def test_no_command_reaches_another_record(self):
        """An operator who books cannot publish, rewrite, move or delete what
        belongs to another visit, by values, by the context or by own defaults."""
        defaults = self.env["ir.default"].with_user(self.operator)
        for name, commands in self.attacks().items():
            for number, command in enumerate(commands):
                with self.subTest(name, number=number):
                    with self.assertRaises(AccessError):
                        self.book_by_rpc(**{name: command})
                    self.assertUntouched()
        for name, commands in self.attacks().items():
            for number, command in enumerate(commands):
                with self.subTest(name, by="default", number=number):
                    with self.env.cr.savepoint() as savepoint:
                        self.book_by_rpc({f"default_{name}": command})
                        self.assertUntouched()
                        # Odoo refuses some of these itself, and keeps the others.
                        with (
                            suppress(AccessError, ValidationError),
                            self.env.cr.savepoint(),
                        ):
                            defaults.set("clinic.appointment", name, command, True)
                        self.book_by_rpc(start=self.tuesday(10))
                        self.assertUntouched()
                        savepoint.rollback()

    def test_only_what_is_listed_is_given(self):
        """Names that follow from steps are refused, and so is what is no value."""
        for name, value in {
            "access_token": "guess",
            "reference": "MINE",
            "cancelled_by": "patient",
            "booked_by_id": self.victim.id,
            "change_sequence": 7,
            "hold_expires_at": "2030-01-01 00:00:00",
            "overbooked_by_id": 1,
            "no_such_field": 1,
            "room_id": [1],
            "note": {"a": 1},
        }.items():
            with self.subTest(name), self.assertRaises(AccessError):
                self.book_by_rpc(**{name: value})
        for state in ("held", "arrived", "done", "cancelled"):
            with self.subTest(state), self.assertRaises(UserError):
                self.book_by_rpc(state=state)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_ids_are_of_records_that_the_caller_may_read(self):
        """A card of another company cannot be booked by its number."""
        with self.assertRaises(AccessError):
            self.book_by_rpc(patient_id=self.victim.id)
        with self.assertRaises(AccessError):
            self.book_by_rpc(patient_id=2**30)
        self.assertTrue(self.book_by_rpc())

    def test_keys_of_a_context_cannot_be_forged(self):
        """What JSON can say never stands for the suite's own word."""
        visits = self.env["clinic.appointment"].with_user(self.operator)
        for forged in (True, 1, "OURS", {"name": "ours"}, ["ours"]):
            with self.subTest(forged=str(forged)):
                context = {
                    "clinic_step": forged,
                    "clinic_history": forged,
                    "clinic_discard": forged,
                    "clinic_own_defaults": forged,
                    "clinic_actor_id": forged,
                    "clinic_channel": forged,
                }
                mine = visits.with_context(**context).browse(self.foreign.id)
                with self.assertRaises(AccessError):
                    mine.write({"cancelled_by": "patient"})
                with self.assertRaises(UserError):
                    self.foreign.sudo().with_context(**context).unlink()
                self.assertFalse(mine.sudo()._is_history())
        self.foreign._cancel("By hand")
        event = self.foreign.event_ids.sorted("id")[-1]
        self.assertFalse(event.partner_id)
        self.assertTrue(
            self.foreign.sudo().with_context(clinic_history=OURS)._is_history()
        )

    def test_who_takes_from_outside_takes_what_is_listed(self):
        """Enquiries and wishes from outside are made with
        sudo, of listed plain values only."""
        takers = (
            lambda vals: self.env["clinic.enquiry"]._receive(
                {"contact_name": "Vera", "text": "?", "channel": "web", **vals}
            ),
            lambda vals: self.env["clinic.wait.list"]._wish(
                self.patient, self.service, vals, "website"
            ),
        )
        for number, take in enumerate(takers):
            for vals in (
                {"message_ids": [Command.link(self.note.id)]},
                {"create_uid": 1},
                {"state": "resolved"},
                {"company_id": [Command.create({"name": "x"})]},
            ):
                with self.subTest(number=number, vals=str(vals)):
                    with self.assertRaises(AccessError):
                        take(vals)
                    self.assertUntouched()
