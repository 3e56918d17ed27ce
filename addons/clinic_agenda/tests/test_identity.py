"""Site and mails carry the clinic's name; nothing of Odoo's template shows."""

import base64
import re

from lxml import html

from odoo.tests import HttpCase, tagged

from odoo.addons.clinic_message.lib.mail_promotion import without_promotion

#: What Odoo's templates say of themselves.
TEMPLATE = re.compile(
    r"My Company|yourcompany|Powered by|free website|555-555|Buena Vista"
    r"|Copyright &|Company name|disruptive|Your ?logo",
    re.IGNORECASE,
)
PAGES = (
    "/",
    "/contactus",
    "/contactus-thank-you",
    "/clinic/book",
    "/clinic/enquiry",
    "/clinic/privacy",
    "/web/login",
    "/web/reset_password",
)


@tagged("post_install", "-at_install")
class TestIdentity(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.write(
            {
                "name": "Clinica Aurora",
                "street": "Via Roma 1",
                "city": "Torino",
                "phone": "+39 011 555 0100",
                "email": "info@aurora.example",
            }
        )

    def text_of(self, url):
        answer = self.url_open(url)
        self.assertEqual(answer.status_code, 200, url)
        page = html.fromstring(answer.content)
        for part in page.xpath("//script|//style|//head"):
            part.drop_tree()
        return " ".join(page.text_content().split())

    def test_pages(self):
        """Every page before a log-in: the clinic's name, and no template's."""
        for url in PAGES:
            words = self.text_of(url)
            with self.subTest(url):
                self.assertIn("Clinica Aurora", words)
                self.assertEqual(TEMPLATE.findall(words), [])

    def test_contact_page(self):
        """Where a patient writes to, and the thanks, say where the clinic is."""
        for url in ("/contactus", "/contactus-thank-you"):
            words = self.text_of(url)
            with self.subTest(url):
                for part in ("Via Roma 1, Torino", "+39 011 555 0100", "info@aurora"):
                    self.assertIn(part, words)

    def test_contact_page_may_be_edited(self):
        """A page without that column is left alone, and without the agenda it works."""
        websites = self.env["website"]
        view = self.env.ref("website.contactus")
        view.arch_db = view.arch_db.replace("Contact us", "Write to us")
        edited = view.arch_db
        websites._show_clinic_on_contact_pages()
        self.assertEqual(view.arch_db, edited)
        websites._leave_contact_pages()
        for page in websites._contact_page_views():
            self.assertNotIn("clinic_agenda", page.arch_db)
        self.assertIn("Clinica Aurora", self.text_of("/contactus-thank-you"))

    def test_logo(self):
        """The name stands where Odoo's placeholder was, until there is a logo."""
        website = self.env["website"].search([], limit=1)
        website.logo = website._default_logo()
        page = html.fromstring(self.url_open("/").content)
        brands = page.xpath("//a[@data-name='Navbar Logo']")
        self.assertEqual(
            {brand.text_content().strip() for brand in brands}, {"Clinica Aurora"}
        )
        self.assertFalse(page.xpath("//a[@data-name='Navbar Logo']//img"))
        website.logo = base64.b64encode(
            b"<svg xmlns='http://www.w3.org/2000/svg'><rect width='9'/></svg>"
        )
        page = html.fromstring(self.url_open("/").content)
        self.assertTrue(page.xpath("//a[@data-name='Navbar Logo']//img"))

    def test_mails(self):
        """Invitations and notices leave without Odoo's line, with all the rest."""
        user = self.env["res.users"].create(
            {
                "name": "Anna Verdi",
                "login": "anna@example.com",
                "email": "anna@example.com",
                "group_ids": [(6, 0, self.env.ref("base.group_portal").ids)],
            }
        )
        mails = self.env["mail.mail"]
        before = mails.search([])
        template = self.env.ref("auth_signup.portal_set_password_email")
        number = template.send_mail(
            user.id, email_layout_xmlid="mail.mail_notification_light"
        )
        user.partner_id.message_post(
            body="Your card",
            partner_ids=user.partner_id.ids,
            subject="News",
            subtype_xmlid="mail.mt_comment",
        )
        for mail in mails.search([]) - before:
            body = mail._prepare_outgoing_body()
            words = html.fromstring(body).text_content()
            with self.subTest(mail.subject):
                self.assertNotIn("Powered by", words)
        invitation = mails.browse(number)._prepare_outgoing_body()
        self.assertIn("Clinica Aurora", html.fromstring(invitation).text_content())

    def test_other_links_stay(self):
        """Only that line goes: a person's link to the same place stays."""
        body = (
            "<p>See <a href='https://www.odoo.com/documentation'>the manual</a>.</p>"
            '<div>Работает на <a target="_blank" href="https://www.odoo.com?'
            'utm_source=db&amp;utm_medium=email">Odoo</a><span>| Unfollow</span></div>'
        )
        self.assertEqual(
            without_promotion(body),
            "<p>See <a href='https://www.odoo.com/documentation'>the manual</a>.</p>"
            "<div><span>| Unfollow</span></div>",
        )
