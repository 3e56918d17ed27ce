from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from .attack_common import GROUP, MARKER, AttackCommon


@tagged("post_install", "-at_install")
class TestWizardRights(AttackCommon):
    """Wizards give away neither what others typed nor whom a number belongs to."""

    def wizards(self):
        """Names of all transient models of the suite."""
        names = self.suite_models()
        return [name for name in names if self.env[name]._is_wizard_of_suite()]

    def test_rows_of_others(self):
        """What a colleague of the same role typed is not read, searched or changed."""
        one, two = (
            new_test_user(self.env, f"wizard_{n}", groups=f"{GROUP}practitioner")
            for n in (1, 2)
        )
        Wizard = self.env["clinic.emergency.open"]
        mine = Wizard.with_user(one).create(
            {"patient_id": self.victim.id, "reason": "What nobody else reads"}
        )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(mine.reason, "What nobody else reads")
        theirs = mine.with_user(two)
        self.assertFalse(Wizard.with_user(two).search([]))
        for method, arguments in (
            ("read", [["reason"]]),
            ("write", [{"reason": "Other"}]),
            ("action_open", []),
        ):
            self.env.invalidate_all()
            with self.subTest(method), self.assertRaises(AccessError):
                call_kw(theirs, method, [theirs.ids, *arguments], {})
        for name in self.wizards():
            domain = self.env["ir.rule"].with_user(two)._compute_domain(name)
            self.assertIn("create_uid", repr(domain), name)

    def test_no_wizard_names_who_a_number_is(self):
        """Given, by default, by onchange: a card of another company is refused."""
        told = 0
        for name in self.wizards():
            links = [
                field
                for field in self.env[name]._links_of_wizard()
                if field.type == "many2one" and field.comodel_name in self.targets
            ]
            for persona, user in self.anyone.items():
                mine = self.env[name].with_user(user)
                if not links or not mine.has_access("create"):
                    continue
                vals = {f.name: self.targets[f.comodel_name].id for f in links}
                context = {f"default_{key}": value for key, value in vals.items()}
                spec = {field.name: {} for field in mine._fields.values()}
                for arguments in (
                    ("create", [[vals]], {}),
                    ("create", [[{}]], {"context": context}),
                    ("onchange", [[], vals, list(vals), spec], {}),
                    ("onchange", [[], {}, [], spec], {"context": context}),
                ):
                    self.env.invalidate_all()
                    with (
                        self.subTest(name, persona=persona, how=arguments[0]),
                        self.attempt(user) as refusals,
                    ):
                        answer = call_kw(mine, *arguments)
                        self.assertNotIn(MARKER, repr(answer))
                    # A wizard may miss another value before it is asked.
                    self.assertTrue(refusals)
                    told += self.refused(refusals, AccessError)
        self.assertGreater(told, 20)

    def test_no_invitation_names_who_a_number_is(self):
        """Who may not see a card invites nobody by its number, nor reads name and
        e-mail from the event."""
        self.hidden.email = f"{MARKER}@example.com"
        nobody = new_test_user(self.env, "no_role", groups="base.group_user")
        event = {
            "name": "Tea",
            "start": "2026-03-03 10:00:00",
            "stop": "2026-03-03 11:00:00",
        }
        events = self.env["calendar.event"].with_user(nobody)
        mine = events.create(dict(event))
        self.assertTrue(mine)
        for command in ([(4, self.hidden.id)], [(6, 0, self.hidden.ids)]):
            with self.attempt(nobody) as refusals:
                call_kw(events, "create", [[event | {"partner_ids": command}]], {})
            self.assertTrue(self.refused(refusals, AccessError))
            with self.attempt(nobody) as refusals:
                call_kw(mine, "write", [mine.ids, {"partner_ids": command}], {})
            self.assertTrue(self.refused(refusals, AccessError))
