import psycopg2

from odoo.exceptions import AccessError, RedirectWarning, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .pipeline_common import PipelineCommon

NEW = "clinic_pipeline.clinic_deal_view_quick_create"


@tagged("post_install", "-at_install")
class TestNewDeal(PipelineCommon):
    """A deal is begun with a patient, a topic and a source, wherever from."""

    def setUp(self):
        super().setUp()
        self.receptionist = self.user("receptionist")
        self.deals = self.Deal.with_user(self.receptionist)
        self.team = self.stage("base.base").team_ids

    def test_no_deal_without_a_patient(self):
        """CRM-01: neither screens nor programs open a deal of nobody."""
        for vals in (
            {"team_id": self.team.id},
            {"team_id": self.team.id, "patient_id": False, "name": "Nobody"},
        ):
            with self.assertRaisesRegex(ValidationError, "choose the patient"):
                self.deals.create(vals)
        with self.assertRaisesRegex(ValidationError, "choose the patient"):
            self.deals.with_context(default_team_id=self.team.id).name_create("Nobody")
        deal = self.deal("base.base")
        with self.assertRaisesRegex(ValidationError, "choose the patient"):
            deal.with_user(self.receptionist).patient_id = False
        lead = self.Deal.create({"name": "A sale"})
        with self.assertRaisesRegex(ValidationError, "choose the patient"):
            lead.team_id = self.team

    def test_the_database_refuses_a_deal_of_nobody(self):
        """CRM-01: nor does who writes past the rules."""
        deal = self.deal("base.base")
        self.env.flush_all()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.CheckViolation),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(
                "UPDATE crm_lead SET patient_id = NULL WHERE id = %s", [deal.id]
            )

    def test_a_contact_is_no_patient(self):
        """CRM-01: a supplier gets no deal before somebody makes a card of it."""
        firm = self.Partner.create({"name": "Bandages Ltd"})
        with self.assertRaisesRegex(ValidationError, "no patient card"):
            self.deals.create({"patient_id": firm.id, "team_id": self.team.id})
        deal = self.deal("base.base")
        with self.assertRaisesRegex(ValidationError, "no patient card"):
            deal.with_user(self.receptionist).patient_id = firm

    def test_sales_of_odoo_are_left_alone(self):
        """OPS-01: a seller's opportunity asks for no patient."""
        seller = self.user()
        seller.group_ids += self.env.ref("sales_team.group_sale_salesman")
        lead = self.Deal.with_user(seller).create({"name": "A sale"})
        self.assertFalse(lead.sudo().pipeline)

    def test_the_quick_form(self):
        """CRM-03: patient, topic and source are enough; what is begun is mine."""
        patient = self.patient("Neri", "Ada")
        topic = self.env["clinic.enquiry.topic"].create({"name": "Sight test"})
        source = self.env["utm.source"].create({"name": "A friend"})
        deals = self.deals.with_context(default_team_id=self.team.id)
        with Form(deals, view=NEW) as form:
            form.patient_id = patient
            form.topic_id = topic
            form.source_id = source
        deal = form.record
        self.assertEqual(deal.name, "Sight test")
        self.assertEqual(deal.stage_id.pipeline_key, "base.base")
        self.assertEqual(deal.source_id, source)
        self.assertEqual(deal.user_id, self.receptionist)

    def test_the_quick_form_without_a_pipeline(self):
        """CRM-03: from the list of all deals or a card it begins in Appointments."""
        patient = self.patient()
        opened = patient.with_user(self.receptionist).action_view_deals()
        deals = self.deals.with_context(**opened["context"])
        deal = Form(deals, view=NEW).save()
        self.assertEqual(deal.patient_id, patient)
        self.assertEqual(deal.stage_id.pipeline_key, "appointments.new")
        other = self.deals.create({"patient_id": self.patient().id})
        self.assertEqual(other.pipeline, "appointments")

    def test_from_an_enquiry(self):
        """CRM-03: patient, topic and source of an enquiry come along."""
        topic = self.env["clinic.enquiry.topic"].create({"name": "Braces"})
        source = self.env["utm.source"].create({"name": "Open day"})
        enquiry = self.env["clinic.enquiry"].with_user(self.receptionist)
        enquiry = enquiry.create(
            {
                "patient_id": self.patient().id,
                "topic_id": topic.id,
                "source_id": source.id,
            }
        )
        opened = enquiry.action_open_deal()
        self.assertEqual(opened["target"], "new")
        deal = Form(self.deals.with_context(**opened["context"]), view=NEW).save()
        self.assertEqual(deal.patient_id, enquiry.patient_id)
        self.assertEqual(deal.topic_id, topic)
        self.assertEqual(deal.source_id, source)
        again = enquiry.action_open_deal()
        self.assertEqual(again["res_id"], deal.id)
        with self.assertRaises(RedirectWarning):
            Form(self.deals.with_context(**opened["context"]), view=NEW).save()

    def test_every_board_begins_deals_the_same_way(self):
        """CRM-03: New is the quick form on the board, in the list and on a deal."""
        deals = self.Deal.with_user(self.receptionist)
        views = deals.get_views([(False, "kanban"), (False, "list"), (False, "form")])
        arch = {kind: view["arch"] for kind, view in views["views"].items()}
        new = 'on_create="clinic_pipeline.clinic_deal_action_new"'
        self.assertIn(new, arch["kanban"])
        self.assertIn('js_class="clinic_deal_list"', arch["list"])
        self.assertIn('js_class="clinic_deal_form"', arch["form"])


@tagged("post_install", "-at_install")
class TestNewPatientOfAField(PipelineCommon):
    """Where a patient may be chosen, a new one is made on the card."""

    def setUp(self):
        super().setUp()
        self.coordinator = self.user("coordinator")
        self.card = self.env.ref("clinic_patient.res_partner_view_form_patient")

    def test_create_and_edit_opens_the_card(self):
        """PAT-01: from a deal, an enquiry and every other field of patients."""
        for name in ("crm.lead", "clinic.enquiry"):
            model = self.env[name].with_user(self.coordinator)
            view = model.get_views([(False, "form")])
            field = view["models"][name]["fields"]["patient_id"]
            partners = self.Partner.with_user(self.coordinator)
            partners = partners.with_context(**field["context"])
            opened = partners.get_views([(False, "form")])["views"]["form"]
            self.assertEqual(opened["id"], self.card.id, name)
            self.assertTrue(partners.default_get(["is_patient"])["is_patient"], name)

    def test_contacts_of_others_keep_odoos_form(self):
        """OPS-01: who has no role, and who makes a firm, see Odoo's contact form."""
        partners = self.Partner.with_user(self.user())
        field = partners.fields_get(["parent_id"], ["context", "domain"])["parent_id"]
        self.assertFalse(field["context"])
        view = partners.get_views([(False, "form")])["views"]["form"]
        self.assertNotEqual(view["id"], self.card.id)

    def test_no_patient_by_a_name_alone(self):
        """PAT-05: "Create" with a name leads to the card: it looks for duplicates."""
        partners = self.Partner.with_user(self.coordinator)
        patients = partners.with_context(default_is_patient=True)
        before = self.Partner.search_count([])
        with self.assertRaisesRegex(ValidationError, "patient card"):
            patients.name_create("Anna Verdi")
        self.assertEqual(self.Partner.search_count([]), before)

    def test_the_card_begins_with_what_was_typed(self):
        """PAT-05: words are names, digits a telephone."""
        known = self.patient("Verdi", "Anna", birth_date="1980-03-12")
        patients = self.Partner.with_user(self.coordinator).with_context(
            default_is_patient=True
        )
        typed = patients.with_context(default_name="Verdi Anna")
        with Form(typed, view=self.card) as form:
            self.assertEqual((form.family_name, form.given_name), ("Verdi", "Anna"))
            form.birth_date = "1980-03-12"
            self.assertIn(known.name, form.duplicate_warning)
        number = patients.with_context(default_name="+39 347 111 0014")
        with Form(number, view=self.card) as form:
            form.family_name = "Neri"
        self.assertEqual(form.record.name, "Neri")
        self.assertEqual(form.record.phone_ids.e164, "+393471110014")

    def test_marketing_makes_no_card(self):
        """OPS-01: the context gives no rights."""
        patients = self.Partner.with_user(self.user("marketing"))
        with self.assertRaises(AccessError):
            patients.with_context(default_is_patient=True).create({"name": "Anna"})
