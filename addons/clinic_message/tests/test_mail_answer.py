from email import policy
from email.parser import BytesParser

from odoo.tests import tagged

from .mail_common import MailCommon

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00"
    b"\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\nIDATx\x9cc\x00\x01\x00\x00\x05\x00\x01\r\n-"
    b"\xb4\x00\x00\x00\x00IEND\xaeB`\x82"
)


@tagged("post_install", "-at_install")
class TestMailAnswer(MailCommon):
    """What comes back by e-mail: answers and absences."""

    def test_an_answer_comes_to_the_inbox(self):
        """MSG-05: an answer by e-mail lands on the card and in the log, once, without
        the letter it answers."""
        text = (
            "I come at ten.\n\nBest,\nAnna\n-- \nAnna Verdi\n\n"
            "Il giorno lun 2 mar 2026 alle ore 09:00 Clinic <clinic@example.com> ha\n"
            "scritto:\n> Dear Anna, come back.\n"
        )
        mail = self.letter(text, answers=self.message.provider_uid)
        found = self.fetch(mail)
        self.assertEqual(found.body, "I come at ten.\n\nBest,\nAnna")
        self.assertEqual((found.patient_id, found.inbox_state), (self.anna, "new"))
        self.assertEqual(found.subject, "Re: News")
        self.assertEqual(found.reply_to_id, self.message)
        self.assertEqual(self.message.state, "replied")
        self.assertEqual(str(found.queued_at), "2026-03-02 08:55:00")
        self.assertFalse(self.fetch(mail), "fetched twice, written once")
        again = found.write_answer("Good.", "token")
        mail = self.mail_of(self.Message.browse(again))
        self.assertEqual(mail.references, found.provider_uid)
        self.assertNotIn("Auto-Submitted", mail.headers)

    def test_html_is_made_plain(self):
        """Nothing of it runs, nothing of what is quoted stays."""
        html = (
            "<html><head><style>p{}</style></head><body><p>Yes, <b>gladly</b></p>"
            "<script>alert(1)</script><img src=x onerror=alert(1)>"
            "<div class='gmail_quote'>On Mon Clinic wrote:"
            "<blockquote>Come?</blockquote></div></body></html>"
        )
        mail = self.letter("", html=html, answers=self.message.provider_uid)
        found = self.fetch(mail)
        self.assertEqual(found.body, "Yes, gladly")
        self.assertEqual(found.keyword, "yes")

    def test_keywords_work_in_an_answer(self):
        """MSG-05: STOP stops, and is answered once by a machine."""
        found = self.answer("STOP\n\n> Dear Anna, come back.")
        self.assertEqual((found.keyword, found.inbox_state), ("stop", "done"))
        listed = self.env["clinic.message.optout"].search([])
        self.assertEqual((listed.address, listed.purpose), ("anna@example.com", "care"))
        reply = self.Message.search([("reply_to_id", "=", found.id)])
        self.assertEqual(reply.subject, "Re: Re: News")
        mail = self.mail_of(reply)
        self.assertIn("auto-replied", mail.headers)

    def test_whoever_names_an_address_does_not_act_for_it(self):
        """A sender is what anybody writes: only who has our letter acts by a word."""
        forged = self.fetch(self.letter("STOP"))
        self.assertEqual(forged.inbox_state, "new")
        self.assertFalse(self.env["clinic.message.optout"].search([]))
        # The number of the letter, but from another address: it was passed on.
        passed = self.fetch(
            self.letter(
                "STOP",
                sender="eve@example.com",
                answers=self.message.provider_uid,
            )
        )
        self.assertFalse(passed.patient_id | passed.recipient_id)
        self.assertFalse(passed.reply_to_id)
        self.assertEqual(self.message.state, "sent")
        self.assertFalse(self.env["clinic.message.optout"].search([]))

    def test_a_shared_address_is_asked(self):
        """MSG-05: a family has one address: the question tells who is meant, and the
        answer to it acts. It is asked once an hour, whoever writes in its name."""
        self.patient("Verdi", "Bruno", email="anna@example.com")
        self.message.patient_id = False
        found = self.fetch(self.letter("STOP", subject="Hello"))
        question = found.filtered(lambda each: each.kind_id.code == "reply_ask")
        first = found - question
        self.assertEqual(len(first.candidate_ids), 2)
        self.assertIn("1 Anna\n2 Bruno", question.body)
        self.assertFalse(self.env["clinic.message.optout"].search([]))
        more = self.fetch(self.letter("STOP"))
        self.assertFalse(more.filtered(lambda each: each.kind_id.code == "reply_ask"))
        question.write({"provider_uid": f"<clinic-{question.uuid}@db>"})
        self.fetch(self.letter("2"))
        self.assertFalse(first.patient_id, "not an answer to the question")
        self.fetch(self.letter("2\n\n> Whom?", answers=question.provider_uid))
        self.assertEqual(first.patient_id.given_name, "Bruno")
        self.assertTrue(self.env["clinic.message.optout"].search([]))

    def test_machines_are_not_answered(self):
        """Absences and lists: kept, no answer of the patient, no answer of ours."""
        for heads in (
            {"Auto_Submitted": "auto-replied"},
            {"Precedence": "bulk"},
            {"subject": "Risposta automatica: News"},
            {"subject": "自动回复: News"},
        ):
            with self.subTest(heads=heads):
                found = self.answer("STOP", **heads)
                self.assertEqual(len(found), 1)
                self.assertEqual((found.keyword, found.inbox_state), (False, "done"))
        self.assertEqual(self.message.state, "sent")
        self.assertEqual(
            self.message.event_ids.mapped("detail").count("automatic answer"), 4
        )
        self.assertFalse(self.env["clinic.message.optout"].search([]))
        mine = self.letter("x", sender="clinic@example.com", uid="<clinic-x@db>")
        mine.replace_header("Message-Id", self.message.provider_uid)
        self.assertFalse(self.fetch(mine), "our own letter comes back")

    def test_two_machines_part(self):
        """One that hides what it is gets ten answers an hour, then a person looks."""
        for _round in range(12):
            last = self.answer("HELP")
        self.assertEqual(last.inbox_state, "new")
        answers = self.Message.search_count([("step", "=", "auto")])
        self.assertEqual(answers, 10)

    def test_files_are_kept_when_they_are_safe(self):
        """MSG-05: pictures and documents; what could run or is huge stays out."""
        mail = self.letter("See", answers=self.message.provider_uid)
        files = (
            ("skin.png", "image/png", PNG),
            ("../../letter.pdf", "application/pdf", b"%PDF-1.4 x"),
            ("page.pdf", "application/pdf", b"<html><script>x()</script></html>"),
            ("run.svg", "image/svg+xml", b"<svg onload='x()'/>"),
            ("huge.pdf", "application/pdf", b"%PDF-1.4 " + b"x" * 11 * 1024 * 1024),
        )
        for name, mimetype, content in files:
            mail.add_attachment(
                content,
                maintype=mimetype.partition("/")[0],
                subtype=mimetype.partition("/")[2],
                filename=name,
            )
        found = self.fetch(mail)
        self.assertEqual(
            found.attachment_ids.mapped(lambda each: (each.name, each.mimetype)),
            [("skin.png", "image/png"), (".._.._letter.pdf", "application/pdf")],
        )
        for name in ("page.pdf", "run.svg", "huge.pdf"):
            self.assertIn(f"A file was not kept: {name}", found.body)

    def test_a_new_letter_comes_to_the_inbox(self):
        """To the clinic's address, from somebody known or not; an alias is Odoo's."""
        known = self.fetch(self.letter("May I come?", subject="Question"))
        self.assertEqual((known.patient_id, known.reply_to_id.id), (self.anna, False))
        unknown = self.fetch(self.letter("Do you treat dogs?", sender="x@example.org"))
        self.assertEqual(unknown.address, "x@example.org")
        self.assertFalse(unknown.recipient_id)
        with self.assertRaises(ValueError):
            self.fetch(self.letter("For nobody", to="someone@elsewhere.example"))
        self.mail_provider.reply_to = "inbox@example.com"
        self.assertTrue(self.fetch(self.letter("Hello", to="inbox@example.com")))
        domain = self.env["mail.alias.domain"].create({"name": "leads.example"})
        self.env["mail.alias"].create(
            {
                "alias_name": "inbox",
                "alias_domain_id": domain.id,
                "alias_model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )
        self.mail_provider.reply_to = "inbox@leads.example"
        letter = self.letter("Hello", to="inbox@leads.example", subject="New contact")
        self.assertFalse(self.fetch(letter))
        self.assertTrue(self.env["res.partner"].search([("name", "=", "New contact")]))

    def test_what_is_no_letter_breaks_nothing(self):
        """Odd character sets, no parts, no sender: taken in or left, never an error."""
        odd = (
            b"From: anna@example.com\r\nTo: clinic@example.com\r\nSubject: \xff\xfe\r\n"
            b"Message-Id: <odd@x>\r\nIn-Reply-To: %s\r\n"
            b"Content-Type: text/plain; charset=nonsense\r\n\r\nh\xe9llo\0\r\n"
        ) % self.message.provider_uid.encode()
        parsed = BytesParser(policy=policy.SMTP).parsebytes(odd)
        taken = self.Message._take_mail(
            parsed,
            {
                "message_id": "<odd@x>",
                "email_from": "anna@example.com",
                "in_reply_to": self.message.provider_uid,
                "body": "<pre>hello</pre>",
                "date": "yesterday",
            },
        )
        self.assertTrue(taken)
        self.assertEqual(self.message.state, "replied")
