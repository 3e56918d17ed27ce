from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from odoo.tests import tagged

from .common import MessageCommon

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00"
    b"\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\nIDATx\x9cc\x00\x01\x00\x00\x05\x00\x01\r\n-"
    b"\xb4\x00\x00\x00\x00IEND\xaeB`\x82"
)
REPORT = """\
From: MAILER-DAEMON@mx.example.com
To: clinic@example.com
Subject: Undelivered Mail Returned to Sender
Message-Id: <report-{code}-{action}@mx.example.com>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It did not work.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; anna@example.com
Action: {action}
Status: {code}

--b
Content-Type: message/rfc822

Message-Id: {uid}
To: anna@example.com
Subject: News

--b--
"""


@tagged("post_install", "-at_install")
class TestMailAnswer(MessageCommon):
    """What comes back by e-mail: answers, absences, bounces."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.message = cls.Message._queue("test_care", cls.anna)
        cls.message.write(
            {
                "state": "sent",
                "provider_uid": f"<clinic-{cls.message.uuid}@db>",
                "body": "Dear Anna, come back.",
            }
        )
        cls.number = 0

    def letter(self, text, sender="Anna Verdi <anna@example.com>", html=None, **heads):
        """A letter to the clinic; ``answers`` is the number of what it answers."""
        mail = EmailMessage()
        mail["From"] = sender
        mail["To"] = heads.pop("to", "clinic@example.com")
        mail["Subject"] = heads.pop("subject", "Re: News")
        type(self).number += 1
        mail["Message-Id"] = heads.pop("uid", f"<{self.number}@phone.example>")
        mail["Date"] = "Mon, 02 Mar 2026 08:55:00 +0000"
        if answers := heads.pop("answers", None):
            mail["In-Reply-To"] = mail["References"] = answers
        for name, value in heads.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        if html:
            mail.add_alternative(html, subtype="html")
        return mail

    def fetch(self, mail):
        """Odoo fetches a letter; what is new in the log."""
        before = self.Message.search([])
        raw = mail if isinstance(mail, (str, bytes)) else mail.as_bytes()
        self.env["mail.thread"].message_process(None, raw)
        return self.Message.search([]) - before

    def answer(self, text, **heads):
        return self.fetch(
            self.letter(text, answers=self.message.provider_uid, **heads)
        ).filtered(lambda each: each.direction == "in")

    def mail_of(self, message):
        """The mail that Odoo is given for a message."""
        ((_message, item),) = message._items()
        return self.mail_provider._prepare_mails([item])

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
                "alias_model_id": self.env["ir.model"]._get_id("crm.lead"),
            }
        )
        self.mail_provider.reply_to = "inbox@leads.example"
        lead = self.letter("Hello", to="inbox@leads.example", subject="A lead of Odoo")
        self.assertFalse(self.fetch(lead))
        self.assertTrue(self.env["crm.lead"].search([("name", "=", "A lead of Odoo")]))

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

    def test_bounces_end_a_message(self):
        """MSG-01: a report that a letter could not be delivered, hard and soft, in
        words; a late one changes nothing, and one told twice is one."""
        uid = self.message.provider_uid
        late = REPORT.format(code="4.4.1", action="delayed", uid=uid)
        self.fetch(late)
        self.assertEqual(self.message.state, "sent")
        self.assertIn("delayed 4.4.1", self.message.event_ids.mapped("detail"))
        report = REPORT.format(code="5.2.2", action="failed", uid=uid)
        self.fetch(report)
        self.fetch(report)
        self.assertEqual(
            (self.message.state, self.message.failure_type), ("bounced", "5.2.2")
        )
        self.assertEqual(self.message.error, "The patient's mailbox is full.")
        bounced = self.message.event_ids.filtered(lambda each: each.state == "bounced")
        self.assertEqual(len(bounced), 1)

    def test_what_only_looks_like_a_bounce(self):
        """An absence that comes to the bounce address, a confirmation of reading: no
        bounce. A server of old that tells it in plain words: one."""
        uid = self.message.provider_uid
        domain = self.env["mail.alias.domain"].create(
            {"name": "bounces.example", "bounce_alias": "bounce"}
        )
        self.fetch(
            self.letter(
                "I am away",
                to=domain.bounce_email,
                answers=uid,
                Auto_Submitted="auto-replied",
            )
        )
        read = REPORT.format(code="2.0.0", action="displayed", uid=uid)
        read = read.replace("delivery-status", "disposition-notification")
        self.fetch(read)
        self.assertEqual(self.message.state, "sent")
        self.fetch(
            self.letter(
                "No such user",
                sender="MAILER-DAEMON@mx.example.com",
                answers=uid,
            )
        )
        self.assertEqual(self.message.state, "bounced")

    def test_a_bounce_of_another_changes_nothing(self):
        """Reports that name no letter of ours, or a number that was guessed."""
        for uid in ("<clinic-00000000-0000-4000-8000-000000000000@db>", "<x@y>"):
            self.fetch(REPORT.format(code="5.1.1", action="failed", uid=uid))
        self.assertEqual(self.message.state, "sent")
