"""What is signed is what was seen: plans, documents, consents."""

import base64
import io
import re
from datetime import date

from lxml import html

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools.pdf import PdfFileReader

from odoo.addons.clinic_patient.lib.document_life import has_blanks
from odoo.addons.clinic_patient.tests.file_common import drawing
from odoo.addons.clinic_patient.tests.test_document import DocumentCommon

from ..lib import instalments
from .care_plan_common import CarePlanCommon


def bare(text):
    """Letters and figures of a text, without blanks, which a PDF sets as it likes."""
    return re.sub(r"[\s\u200b]+", "", text)


def pdf_text(content):
    pages = PdfFileReader(io.BytesIO(content)).pages
    return bare("".join(page.extract_text() for page in pages))


@tagged("post_install", "-at_install")
class TestSignature(CarePlanCommon):
    """The steps of the server, whoever calls them."""

    def test_extras_start_unticked(self):
        """Nobody finds an extra in the basket; the total is without them."""
        plan = self.presented()
        self.assertFalse(self.line(plan, self.whitening).accepted)
        self.assertEqual(plan._agreed_amount(), 1710.9)
        self.sign_plan(plan)
        self.assertFalse(self.line(plan, self.whitening).accepted)
        self.assertEqual((plan.state, plan.amount_accepted), ("signed", 1710.9))

    def test_another_choice_than_shown(self):
        """A signature for one choice does not sign another, nor another last day."""
        plan = self.presented()
        shown = plan._shown_digest()
        changes = (
            lambda: plan._choose(plan.line_ids),
            lambda: plan.write({"valid_until": date(2999, 1, 1)}),
            lambda: plan.instalment_ids.create(
                {"plan_id": plan.id, "due_date": "2027-01-01", "amount": 10}
            ),
        )
        for number, change in enumerate(changes):
            change()
            with self.subTest(number), self.assertRaisesRegex(UserError, "has changed"):
                self.sign_plan(plan, shown=shown)
            shown = plan._shown_digest()
        self.assertEqual(plan.state, "presented")
        self.sign_plan(plan, shown=shown)
        self.assertEqual((plan.state, plan.signed_digest), ("signed", shown))

    def test_required_services_after_accepting(self):
        """A service that belongs to the treatment is not lost by writing its tick."""
        plan = self.presented()
        plan._accept(plan.line_ids)
        self.line(plan, self.implant).with_user(self.coordinator).accepted = False
        with self.assertRaisesRegex(UserError, "belong to the treatment: Implant"):
            self.sign_plan(plan)

    def test_payments_follow_the_choice(self):
        """Payments that added up to the price still do when an extra is ticked."""
        plan = self.presented()
        self.env["clinic.care.plan.instalments"].create(
            {"plan_id": plan.id, "deposit": 500, "count": 3}
        ).action_split()
        plan._choose(plan.line_ids)
        amounts = plan.instalment_ids.mapped("amount")
        self.assertEqual(amounts[0], 500, "a deposit stays")
        self.assertAlmostEqual(sum(amounts), 1910.9)
        plan._choose(plan._needed_lines())
        self.assertAlmostEqual(sum(plan.instalment_ids.mapped("amount")), 1710.9)

    def test_payments_above_the_price(self):
        """Nobody signs payments of more than the price, nor finds them afterwards."""
        plan = self.presented()
        due = self.env["clinic.care.plan.instalment"].create(
            {"plan_id": plan.id, "due_date": "2027-01-01", "amount": 1900}
        )
        with self.assertRaisesRegex(UserError, "more than the chosen services"):
            self.sign_plan(plan)
        due.amount = 1000
        self.sign_plan(plan)
        with self.assertRaisesRegex(UserError, "more than the chosen services"):
            due.with_user(self.coordinator).amount = 10000

    def test_fit(self):
        """Whatever the amounts, the sum is the total to the cent, and none is zero."""
        for cents in range(3, 4000, 13):
            dues = [(5, True), (3.33, False), (7, False)]
            parts = instalments.fit(cents / 100, dues)
            self.assertEqual(round(sum(parts) * 100), cents)
            self.assertGreater(min(parts), 0)
        with self.assertRaises(ValueError):
            instalments.fit(0.01, [(1, False), (1, False)])

    def test_signed_plan_is_closed(self):
        """By RPC, as each role: no line, stage, price, tick or day of a contract."""
        plan = self.presented()
        draft = self.draft()
        self.sign_plan(plan)
        line, stage = plan.line_ids[0], plan.stage_ids[0]
        before = plan._shown_digest()
        for role in ("coordinator", "practitioner", "chief_doctor", "manager"):
            user = {
                "coordinator": self.coordinator,
                "practitioner": self.doctor,
                "chief_doctor": self.chief,
            }.get(role) or self.user(role)
            mine, other = plan.with_user(user), draft.with_user(user)
            crown = Command.create({"service_id": self.crown.id})
            attempts = (
                (line.with_user(user), "write", {"accepted": False}),
                (line.with_user(user), "write", {"price_unit": 1}),
                (line.with_user(user), "unlink"),
                (stage.with_user(user), "write", {"name": "Other"}),
                (other.line_ids[0], "write", {"plan_id": plan.id}),
                (other.stage_ids[0], "write", {"plan_id": plan.id}),
                (mine, "write", {"line_ids": [crown]}),
                (mine, "write", {"valid_until": "2999-01-01"}),
                (mine, "write", {"signed_by": "Me"}),
                (mine, "write", {"signature": drawing()}),
                (mine, "write", {"signed_digest": "0"}),
                (mine, "write", {"signed_on": False}),
            )
            for number, (record, method, *values) in enumerate(attempts):
                with (
                    self.subTest(role, number=number),
                    self.assertRaises(UserError),
                    self.cr.savepoint(),
                ):
                    getattr(record, method)(*values)
        self.env.invalidate_all()
        self.assertEqual(plan._shown_digest(), before)

    def test_stored_paper_is_closed(self):
        """The PDF of a contract is neither replaced, deleted, nor put there before."""
        self.print_papers()
        plan = self.presented()
        Files = self.env["ir.attachment"].with_user(self.coordinator)
        vals = {
            "res_model": plan._name,
            "res_id": plan.id,
            "raw": b"%PDF-1.4 other",
        }
        name = f"{plan.name}-1-signed.pdf".replace("/", "-")
        with self.assertRaisesRegex(AccessError, "is kept as it was"):
            Files.create({**vals, "name": name})
        other = Files.create({**vals, "name": "other.pdf"})
        with self.assertRaisesRegex(AccessError, "is kept as it was"):
            other.name = name
        self.sign_plan(plan)
        kept = plan._keep_pdf().with_user(self.coordinator)
        for attempt in (lambda: kept.write({"raw": b"x"}), kept.unlink):
            with self.assertRaisesRegex(AccessError, "is kept as it was"):
                attempt()


class PortalCommon(CarePlanCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        user = cls.portal_user(cls.anna)
        user.write({"login": "sign_anna", "password": "sign_anna"})

    def setUp(self):
        super().setUp()
        self.print_papers()
        self.authenticate("sign_anna", "sign_anna")

    def page(self, path):
        answer = self.url_open(path)
        self.assertEqual(answer.status_code, 200)
        return html.fromstring(answer.content)


@tagged("post_install", "-at_install")
class TestSignaturePortal(PortalCommon):
    """The same as a patient does it, in the portal."""

    def sign_at(self, address, name="Anna Verdi"):
        return self.make_jsonrpc_request(
            address, {"name": name, "signature": drawing()}
        )

    def address(self, page):
        props = page.xpath("//owl-component[@name='portal.signature_form']/@props")[0]
        return re.search(r'"callUrl": "([^"]+)"', props)[1]

    def tick(self, plan, page, *lines):
        token = page.xpath("//form[@id='choice']//input[@name='csrf_token']/@value")[0]
        self.url_open(
            f"/my/care-plans/{plan.id}/choose",
            data={"csrf_token": token, **{f"line_{line.id}": "1" for line in lines}},
        )

    def test_the_pdf_is_the_page(self):
        """Lines, quantities, prices, choices, total, name, time: on paper as seen."""
        plan = self.presented(diagnosis="Missing tooth 36")
        path = f"/my/care-plans/{plan.id}"
        extra = self.line(plan, self.whitening)
        page = self.page(path)
        self.assertFalse(page.get_element_by_id(f"line_{extra.id}").get("checked"))
        old = self.address(page)
        self.tick(plan, page, extra)
        self.assertIn("has changed", self.sign_at(old)["error"])
        self.tick(plan, self.page(path))
        page = self.page(path)
        seen = bare(
            page.xpath("//table[contains(@class, 'plan_lines')]")[0].text_content()
        )
        self.assertIn("notchosen", seen)
        self.assertIn("1,710.90", seen)
        self.assertNotIn("1,910.90", seen)
        self.assertIn("redirect_url", self.sign_at(self.address(page)))
        self.env.invalidate_all()
        paper = pdf_text(self.url_open(f"{path}/pdf").content)
        for row in page.xpath("//table[contains(@class, 'plan_lines')]//tr"):
            for cell in row.xpath("./td|./th"):
                self.assertIn(bare(cell.text_content()), paper)
        signed = self.page(path)
        told = signed.xpath("//section[.//img]/p")[0].text_content()
        self.assertRegex(told, r"Anna Verdi, \w+day \d+ \w+ \d{4}, \d\d:\d\d \(")
        for word in told.split(", ", 1):
            self.assertIn(bare(word), paper)
        self.assertIn("Missingtooth36", paper)
        self.assertEqual(paper.count("1,710.90"), 1)
        self.assertNotIn("1,910.90", paper)

    def test_the_paper_stays(self):
        """What changes after the signature does not change the signed paper."""
        plan = self.presented()
        path = f"/my/care-plans/{plan.id}"
        self.sign_at(self.address(self.page(path)))
        before = self.url_open(f"{path}/pdf").content
        plan.invalidate_recordset()
        self.anna.family_name = "Bianchi"
        self.line(plan, self.implant).done_by_hand = 1
        self.env.flush_all()
        self.assertEqual(self.url_open(f"{path}/pdf").content, before)
        kept = plan.message_ids.attachment_ids
        self.assertEqual(base64.b64decode(kept.datas), before)

    def test_replaced_meanwhile(self):
        """Who signs a plan that has a newer version is told so in words."""
        plan = self.presented()
        address = self.address(self.page(f"/my/care-plans/{plan.id}"))
        plan.action_new_version()
        self.env.flush_all()
        self.assertIn("newer version", self.sign_at(address)["error"])
        self.env.invalidate_all()
        self.assertFalse(plan.signed_on)

    def test_accept_what_was_shown(self):
        """Accepting without signing is tied to the page as well."""
        plan = self.presented()
        page = self.page(f"/my/care-plans/{plan.id}")
        form = page.xpath("//form[contains(@action, '/accept')]")[0]
        values = dict(form.form_values())
        self.tick(plan, page, self.line(plan, self.whitening))
        answer = self.url_open(form.get("action"), data=values)
        self.assertEqual(answer.status_code, 409)
        self.assertIn("has changed", answer.text)
        page = self.page(f"/my/care-plans/{plan.id}")
        form = page.xpath("//form[contains(@action, '/accept')]")[0]
        self.url_open(form.get("action"), data=dict(form.form_values()))
        self.env.invalidate_all()
        self.assertEqual((plan.state, plan.amount_accepted), ("accepted", 1910.9))


@tagged("post_install", "-at_install")
class TestSignedDocument(DocumentCommon, HttpCase):
    """Documents and consents: no blank line, and the words that were shown."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        user = cls.portal_user(cls.anna)
        user.write({"login": "sign_anna", "password": "sign_anna"})
        cls.anna.write(cls.verdi_vals())

    def sign(self, document):
        self.authenticate("sign_anna", "sign_anna")
        return self.make_jsonrpc_request(
            f"/my/documents/{document.id}/sign",
            {"name": "Anna Verdi", "signature": drawing()},
        )

    def shipped_consent(self, treatment=None):
        wizard = (
            self.env["clinic.document.print"]
            .with_user(self.doctor)
            .create(
                {
                    "patient_id": self.anna.id,
                    "template_ids": self.env.ref(
                        "clinic_patient.document_template_consent"
                    ).ids,
                    "treatment": treatment,
                }
            )
        )
        self.assertTrue(wizard.asks_treatment)
        wizard.action_issue()
        return self.anna.clinic_document_ids.sorted("id")[-1]

    def test_blank_treatment(self):
        """A consent to nothing cannot be signed; one that says to what can."""
        self.env.company.city = "Roma"
        blank = self.shipped_consent()
        self.assertIn("blank lines", self.sign(blank)["error"])
        page = self.url_open(f"/my/documents/{blank.id}").text
        self.assertIn("still has blank lines", page)
        self.assertNotIn("portal.signature_form", page)
        self.assertIn("Waits for the clinic", self.url_open("/my/documents").text)
        whole = self.shipped_consent("Removal of tooth 38")
        self.assertIn("redirect_url", self.sign(whole))
        self.env.invalidate_all()
        self.assertEqual((blank.state, whole.state), ("issued", "signed"))
        again = whole.browse(whole.action_new_version()["res_id"])
        self.assertIn("Removal of tooth 38", again.body)

    def test_the_paper_is_the_page(self):
        """The PDF that is stored has every word of the page, the name and the time."""
        self.print_papers()
        document = self.issue()
        self.authenticate("sign_anna", "sign_anna")
        page = html.fromstring(self.url_open(f"/my/documents/{document.id}").content)
        self.sign(document)
        self.env.invalidate_all()
        paper = pdf_text(self.url_open(f"/my/documents/{document.id}/pdf").content)
        body = html.fromstring(document.body).text_content()
        self.assertIn(bare(body), bare(page.text_content()))
        self.assertIn(bare(body), paper)
        signed = html.fromstring(self.url_open(f"/my/documents/{document.id}").content)
        told = signed.xpath("//section[.//img]/p")[0].text_content()
        for word in told.split(", ", 1):
            self.assertIn(bare(word), paper)

    def test_taken_back_meanwhile(self):
        """Who signs a paper that the clinic took back is told so, and signs nothing."""
        document = self.issue()
        document.with_user(self.receptionist).action_void()
        self.env.flush_all()
        self.assertIn("took this document back", self.sign(document)["error"])

    def test_one_writer(self):
        """By RPC nobody signs: neither state, name, time nor drawing is written."""
        document = self.issue()
        for user in (self.receptionist, self.doctor, self.manager):
            for vals in (
                {"state": "signed"},
                {"signed_by": "Me"},
                {"signed_on": "2026-01-01"},
                {"signature": drawing()},
                {"treatment": "Other"},
            ):
                with (
                    self.subTest(user.login, vals=vals),
                    self.assertRaises(AccessError),
                ):
                    document.with_user(user).write(vals)

    def test_blanks(self):
        """What counts as room to write on."""
        for body in (
            "",
            "<p>Treatment: ________</p>",
            "<p>Treatment: ........................</p>",
            "<table><tr><td>Service</td><td>&#160;</td></tr></table>",
        ):
            with self.subTest(body):
                self.assertTrue(has_blanks(body))
        for body in ("<p>snake_case, wait... and so on</p>", "<td>1</td>"):
            with self.subTest(body):
                self.assertFalse(has_blanks(body))

    def test_consent_text_rewritten(self):
        """A text rewritten under its number is another text than the page showed."""
        text = self.env.ref("clinic_patient.clinic_consent_text_marketing")
        self.authenticate("sign_anna", "sign_anna")
        page = html.fromstring(self.url_open("/my/consents").content)
        form = next(
            one
            for one in page.forms
            if dict(one.form_values()).get("kind") == "marketing"
        )
        values = dict(form.form_values(), decision="given")
        text.text = "<p>We sell your data.</p>"
        self.env.flush_all()
        answer = self.url_open("/my/consents/decide", data=values)
        self.assertEqual(answer.status_code, 409)
        self.assertFalse(self.anna.consent_ids)

    def test_the_text_one_agreed_to(self):
        """A consent shows the words it was given for, not those of later."""
        self.env["clinic.consent"]._decide(self.anna, "marketing", "given", "portal")
        self.env["clinic.consent.text"].create(
            {
                "kind_id": self.env.ref(
                    "clinic_patient.clinic_consent_kind_marketing"
                ).id,
                "lang": "en_US",
                "text": "<p>We sell your data.</p>",
            }
        )
        self.authenticate("sign_anna", "sign_anna")
        page = self.url_open("/my/consents").text
        self.assertNotIn("We sell your data", page)
        self.assertIn("may write to me", page)
