from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import ROLES, ClinicPatientCommon, group_of

READS_CARDS = set(ROLES) - {"client_representative"}
CREATES_CARDS = {
    "administrator",
    "manager",
    "receptionist",
    "coordinator",
    "operator",
    "supervisor",
}
WRITES_CARDS = CREATES_CARDS | {"chief_doctor", "practitioner", "marketing"}
SEES_MONEY = {"administrator", "manager", "cashier"}
OVERBOOKS = {"administrator", "manager", "chief_doctor"}
STAFF_FIELDS = (
    "patient_warning_text",
    "vip_tier",
    "responsible_id",
    "identity_state",
    "source_detail",
    "clinic_search_text",
    "duplicate_warning",
    "lifetime_value",
)


@tagged("post_install", "-at_install")
class TestAccess(ClinicPatientCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.roles = {role: cls.user(role) for role in ROLES}
        cls.plain = cls.user()
        cls.mother = cls.patient("Verdi", "Anna", phone="333 1234567")
        cls.child = cls.patient("Verdi", "Luca", phone="333 1234567")
        cls.stranger = cls.patient("Rossi", "Carla", phone="333 7654321")
        cls.relation = cls.relate(cls.child, cls.mother)
        cls.portal = cls.portal_user(cls.mother)
        cls.cards = cls.mother | cls.child | cls.stranger
        cls.env.flush_all()

    def allowed(self, function):
        """Whether ``function`` runs without an access error; its work is undone."""
        self.env.invalidate_all()
        with mute_logger("odoo.addons.base.models.ir_rule", "odoo.models"):
            savepoint = self.env.cr.savepoint()
            try:
                function()
                self.env.flush_all()
                return True
            except AccessError:
                return False
            finally:
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def roles_allowed(self, function):
        return {
            role
            for role, user in self.roles.items()
            if self.allowed(lambda user=user: function(user))
        }

    def test_cards_by_role(self):
        """OPS-01: what each role may do with a card."""
        card = self.stranger
        vals = {"is_patient": True, "family_name": "New", "given_name": "Patient"}
        self.assertEqual(
            self.roles_allowed(lambda u: card.with_user(u).read(["name"])), set(ROLES)
        )
        self.assertEqual(
            self.roles_allowed(lambda u: card.with_user(u).read(["birth_date"])),
            READS_CARDS,
        )
        self.assertEqual(
            self.roles_allowed(lambda u: card.with_user(u).write({"city": "Roma"})),
            WRITES_CARDS,
        )
        self.assertEqual(
            self.roles_allowed(lambda u: self.Partner.with_user(u).create(vals)),
            CREATES_CARDS,
        )
        self.assertEqual(
            self.roles_allowed(lambda u: card.with_user(u).unlink()), {"administrator"}
        )

    def test_phones_and_family_by_role(self):
        """OPS-01: staff read them; desk and contact centre change them."""
        for record, vals in (
            (self.mother.phone_ids, {"label": "work"}),
            (self.relation, {"can_sign": False}),
        ):
            with self.subTest(model=record._name):
                self.assertEqual(
                    self.roles_allowed(lambda u, r=record: r.with_user(u).read()),
                    READS_CARDS,
                )
                self.assertEqual(
                    self.roles_allowed(
                        lambda u, r=record, v=vals: r.with_user(u).write(v)
                    ),
                    CREATES_CARDS,
                )

    def test_money_by_role(self):
        """OPS-01: money is seen by manager and cashier only."""
        for field in ("lifetime_value", "balance_due"):
            self.assertEqual(
                self.roles_allowed(
                    lambda u, f=field: self.mother.with_user(u).read([f])
                ),
                SEES_MONEY,
            )

    def test_technical_groups(self):
        """OPS-01: which roles see money and may overbook."""
        for group, roles in (("money", SEES_MONEY), ("overbook", OVERBOOKS)):
            having = {
                role
                for role, user in self.roles.items()
                if user.has_group(group_of(group))
            }
            self.assertEqual(having, roles)

    def test_secrets_are_closed(self):
        """OPS-01: nobody reads codes; counters are for the administrator."""
        for model, roles in (
            ("clinic.one.time.code", set()),
            ("clinic.rate.limit", {"administrator"}),
        ):
            self.assertEqual(
                self.roles_allowed(
                    lambda u, m=model: self.env[m].with_user(u).search([])
                ),
                roles,
            )
            for user in (self.portal, self.plain, self.env.ref("base.public_user")):
                self.assertFalse(
                    self.allowed(
                        lambda u=user, m=model: self.env[m].with_user(u).search([])
                    )
                )

    def test_employee_without_role(self):
        """OPS-01: who works here without a role of the clinic sees a contact of Odoo,
        and nothing of a card: not that it is one, nor what the clinic knows."""
        Partner = self.Partner.with_user(self.plain)
        self.assertEqual(Partner.search([("id", "in", self.cards.ids)]), self.cards)
        self.assertTrue(self.stranger.with_user(self.plain).read(["name", "phone"]))
        hidden = [
            name
            for name, field in Partner._fields.items()
            if (field._modules or ("",))[0] == "clinic_patient"
        ]
        self.assertIn("is_patient", hidden)
        card = self.stranger.with_user(self.plain)
        for name in hidden:
            with self.subTest(field=name):
                self.assertFalse(self.allowed(lambda n=name: card.read([n])))
                if Partner._fields[name].store:
                    self.assertFalse(
                        self.allowed(lambda n=name: Partner.search([(n, "!=", False)]))
                    )
        for model in ("clinic.phone", "clinic.relationship"):
            self.assertFalse(
                self.allowed(
                    lambda m=model: self.env[m].with_user(self.plain).search([])
                )
            )

    def test_other_groups_do_not_open_the_cards(self):
        """OPS-01: contact managers and settings managers keep contacts, and need a role
        for all else."""
        user = new_test_user(
            self.env,
            "test_contact_manager",
            groups="base.group_user,base.group_partner_manager,base.group_system",
        )
        card = self.stranger.with_user(user)
        self.assertTrue(self.allowed(lambda: card.write({"city": "Roma"})))
        for vals in ({"sex": "male"}, {"is_patient": False}, {"phone_ids": []}):
            self.assertFalse(self.allowed(lambda v=vals: card.write(v)), vals)
        self.assertFalse(self.allowed(card.timeline))
        self.assertFalse(
            self.allowed(
                lambda: self.Partner.with_user(user).create(
                    {"name": "A B", "is_patient": True}
                )
            )
        )

    def test_odoo_works_for_an_employee_without_role(self):
        """The rules on cards leave the rest of the contacts as they were."""
        manager = new_test_user(
            self.env,
            "test_contacts",
            groups="base.group_user,base.group_partner_manager",
        )
        contact = self.Partner.with_user(manager).create({"name": "Supplier"})
        contact.write({"city": "Roma", "is_company": True})
        contact.unlink()
        for user in (self.plain, manager, self.roles["client_representative"]):
            with self.subTest(user=user.login):
                partner = user.partner_id.with_user(user)
                self.assertEqual(partner.name, user.name)
                self.assertTrue(self.env.company.partner_id.with_user(user).name)
                colleague = self.roles["receptionist"].partner_id.with_user(user)
                self.assertTrue(colleague.name)
                self.assertTrue(
                    self.env["res.users"].with_user(user).search([]).mapped("name")
                )
                user.with_user(user).write({"signature": "<p>Hello</p>"})

    def test_staff_do_not_change_colleagues_or_companies(self):
        """OPS-01: a role on patients gives no way into the accounts of others."""
        receptionist = self.roles["receptionist"]
        admin = self.env.ref("base.user_admin").partner_id
        for partner in (admin, self.plain.partner_id, self.env.company.partner_id):
            self.assertFalse(
                self.allowed(
                    lambda p=partner: p.with_user(receptionist).write(
                        {"email": "x@y.z"}
                    )
                )
            )
        father = self.Partner.with_user(receptionist).create({"name": "Verdi Paolo"})
        father.write({"phone": "+39 333 1112223"})

    def test_portal(self):
        """OPS-01: a patient in the portal reads own card and readable wards."""
        Partner = self.Partner.with_user(self.portal)
        found = Partner.search([("is_patient", "=", True)])
        self.assertEqual(found, self.mother | self.child)
        self.assertEqual(
            Partner.env["clinic.phone"].search([]),
            self.mother.phone_ids | self.child.phone_ids,
        )
        self.assertEqual(Partner.env["clinic.relationship"].search([]), self.relation)
        card = self.child.with_user(self.portal)
        self.assertTrue(card.read(["name", "birth_date", "tax_code", "phone_ids"]))
        for field in STAFF_FIELDS:
            with self.subTest(field=field):
                self.assertFalse(self.allowed(lambda f=field: card.read([f])))
                self.assertFalse(
                    self.allowed(lambda f=field: Partner.search([(f, "!=", False)]))
                )
        for record in (card, self.mother.with_user(self.portal)):
            self.assertFalse(self.allowed(lambda r=record: r.write({"city": "X"})))
        self.assertFalse(
            self.allowed(lambda: self.stranger.with_user(self.portal).read(["name"]))
        )
        self.assertFalse(
            self.allowed(
                lambda: self.relation.with_user(self.portal).write({"can_sign": True})
            )
        )

    def test_portal_without_right_to_read(self):
        """PAT-04: who may only book for somebody does not read the card."""
        self.relation.can_read = False
        card = self.child.with_user(self.portal)
        self.assertFalse(self.allowed(lambda: card.read(["name"])))
        partner = self.mother.with_user(self.portal)
        self.assertIn(self.child, partner._clinic_patients_for("book"))

    def test_portal_rights_end_without_a_restart(self):
        """PAT-04: an ex-guardian reads nothing from the next day on."""
        Partner = self.Partner.with_user(self.portal)
        self.assertIn(self.child, Partner.search([]))
        self.env.cr.execute(
            "UPDATE clinic_relationship SET date_start = '2020-01-01',"
            " date_stop = CURRENT_DATE - 2 WHERE id = %s",
            [self.relation.id],
        )
        self.env.invalidate_all()
        self.assertNotIn(self.child, Partner.search([]))
        self.assertFalse(
            self.allowed(lambda: self.child.with_user(self.portal).read(["name"]))
        )
        self.assertEqual(Partner.env["clinic.phone"].search([]), self.mother.phone_ids)

    def seen_in_portal(self, zone):
        """The patients of the family of whom the guardian reads something, by model."""
        self.env.invalidate_all()
        self.portal.sudo().tz = zone
        env = self.portal.with_user(self.portal).with_context(tz=zone).env
        family = self.mother | self.child
        found = {
            "card": env["res.partner"].search([("id", "in", family.ids)]),
            "phone": env["clinic.phone"].search([]).partner_id,
            "relation": env["clinic.relationship"].search([]).patient_id,
        }
        return {
            name: cards.sudo().mapped("given_name") for name, cards in found.items()
        }

    def test_portal_rights_have_the_days_of_the_clinic(self):
        """PAT-04: no zone that a guardian chooses makes a right begin earlier or end
        later; the same user asks on both sides of midnight."""
        self.relation.write({"date_start": "2026-03-10", "date_end": "2026-03-10"})
        own, both = ["Anna"], ["Anna", "Luca"]
        # In Rome it is the 10th of March from 23:00 to 23:00 UTC.
        for moment, zone, expected in (
            ("2026-03-09 22:30", "Pacific/Kiritimati", own),
            ("2026-03-09 23:30", "Pacific/Honolulu", both),
            ("2026-03-10 22:30", "Pacific/Kiritimati", both),
            ("2026-03-10 23:30", "Pacific/Honolulu", own),
        ):
            with self.subTest(moment=moment), freeze_time(moment):
                seen = self.seen_in_portal(zone)
                self.assertEqual((seen["card"], seen["phone"]), (expected, expected))
                # One's own relations are listed before they begin, not after.
                if moment > "2026-03-10 23":
                    self.assertFalse(seen["relation"])

    def test_rights_follow_the_zone_of_the_clinic(self):
        """PAT-04: another zone of the clinic is true at once."""
        self.relation.write({"date_start": "2026-03-01", "date_end": "2026-03-10"})
        with freeze_time("2026-03-10 23:30"):
            self.assertNotIn("Luca", self.seen_in_portal("UTC")["card"])
            self.env.company.partner_id.tz = "America/New_York"
            self.assertIn("Luca", self.seen_in_portal("UTC")["card"])
            self.env.company.partner_id = self.Partner.create(
                {"name": "Another card", "is_company": True, "tz": "Europe/Rome"}
            )
            self.assertNotIn("Luca", self.seen_in_portal("UTC")["card"])

    def test_portal_colleagues_of_one_employer(self):
        """Patients filed under one company do not read each other."""
        company = self.Partner.create({"name": "Acme", "is_company": True})
        self.mother.parent_id = company
        self.stranger.parent_id = company
        self.assertNotIn(self.stranger, self.Partner.with_user(self.portal).search([]))

    def test_two_companies(self):
        """OPS-01: staff see phones and families of their own company only."""
        company = self.env["res.company"].create({"name": "Other clinic"})
        cards = self.child | self.stranger
        cards.company_id = company
        shared = self.mother.phone_ids
        receptionist = self.roles["receptionist"]
        self.assertFalse(
            self.Partner.with_user(receptionist).search([("id", "in", cards.ids)])
        )
        phones = self.env["clinic.phone"].with_user(receptionist).search([])
        self.assertEqual(phones, shared)
        self.assertFalse(
            self.env["clinic.relationship"].with_user(receptionist).search([])
        )
        receptionist.company_ids = [Command.link(company.id)]
        Partner = self.Partner.with_user(receptionist).with_context(
            allowed_company_ids=[company.id]
        )
        self.assertEqual(Partner.search([("id", "in", cards.ids)]), cards)

    def test_menus(self):
        """OPS-01: the menu Clinic is for those with a role."""
        root = self.env.ref("clinic_base.menu_clinic_root")
        for user, expected in (
            (self.plain, False),
            (self.roles["receptionist"], True),
            (self.roles["client_representative"], False),
        ):
            menus = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
            self.assertEqual(root.id in menus, expected, user.login)


@tagged("post_install", "-at_install")
class TestPortalPages(HttpCase):
    def test_portal_pages_still_open(self):
        """The account pages of a patient in the portal work as in Odoo."""
        patient = self.env["res.partner"].create(
            {"is_patient": True, "family_name": "Verdi", "given_name": "Anna"}
        )
        self.env["res.users"].create(
            {
                "login": "test_patient",
                "password": "test_patient",
                "partner_id": patient.id,
                "group_ids": [Command.set([self.env.ref("base.group_portal").id])],
            }
        )
        self.authenticate("test_patient", "test_patient")
        for page in ("/my", "/my/account"):
            with self.subTest(page=page):
                response = self.url_open(page)
                self.assertEqual(response.status_code, 200)
                self.assertIn("Verdi Anna", response.text)
