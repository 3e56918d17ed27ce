import re

from odoo.modules.migration import load_script
from odoo.tests import HttpCase, tagged
from odoo.tools import file_open, file_path
from odoo.tools.translate import translation_file_reader

from .test_followup_messages import FollowupMessageCommon

LANGUAGES = {"it_IT": "it", "ru_RU": "ru", "tr_TR": "tr", "zh_CN": "zh_CN"}
KINDS = ("recall", "recall_campaign", "followup", "journey_care", "journey_news")
#: Model: the fields that patients read.
ASKED = {
    "clinic.followup.questionnaire": ("name", "intro", "thanks"),
    "clinic.followup.question": ("name",),
    "clinic.followup.choice": ("name",),
}


@tagged("post_install", "-at_install")
class TestRecallLanguages(FollowupMessageCommon, HttpCase):
    """What patients read of recalls, follow-ups and journeys, in five languages."""

    def test_every_text_names_the_same(self):
        """RCL-03: each shipped text in five languages, with the same names in braces
        and a subject."""
        templates = self.env["clinic.message.template"].search(
            [("kind_id.code", "in", KINDS)]
        )
        shipped = templates.filtered(
            lambda template: (template.get_external_id()[template.id] or "").startswith(
                "clinic_recall."
            )
        )
        self.assertGreater(len(shipped), 10)
        for template in shipped:
            with self.subTest(template.name):
                texts = template.text_ids
                self.assertEqual(
                    set(texts.mapped("lang")), {"en_US", *LANGUAGES}, template.name
                )
                self.assertTrue(all(texts.mapped("subject")))
                names = {frozenset(re.findall(r"{(\w+)}", text.body)) for text in texts}
                self.assertEqual(len(names), 1, names)

    def translations(self, code):
        """What a file of translations says: {(kind, name, record): words}."""
        with file_open(f"clinic_recall/i18n/{code}.po", "rb") as file:
            rows = list(translation_file_reader(file, module="clinic_recall"))
        return {
            (row["type"], row["name"], row["imd_name"]): row["value"]
            for row in rows
            if "imd_name" in row
        }

    def test_questionnaires_are_translated(self):
        """RCL-03: each shipped question and answer to choose, in each language."""
        data = self.env["ir.model.data"].search(
            [("module", "=", "clinic_recall"), ("model", "in", list(ASKED))]
        )
        self.assertGreater(len(data), 90)
        for code in LANGUAGES.values():
            found = self.translations(code)
            for each in data:
                record = self.env[each.model].browse(each.res_id)
                for name in filter(record.__getitem__, ASKED[each.model]):
                    key = ("model", f"{each.model},{name}", each.name)
                    with self.subTest(code=code, key=key):
                        self.assertTrue(found.get(key))

    def test_answers_are_not_doubled_by_the_update(self):
        """Answers of before get the identifiers of those that come, however often."""
        data = self.env["ir.model.data"].search(
            [("module", "=", "clinic_recall"), ("model", "=", "clinic.followup.choice")]
        )
        before = {each.name: each.res_id for each in data}
        data.unlink()
        self.env.flush_all()
        path = "clinic_recall/migrations/19.0.1.0.1/pre-choices.py"
        script = load_script(file_path(path), "pre_choices")
        for _again in range(2):
            script.migrate(self.env.cr, "19.0.1.0.0")
        data = data.search(
            [("module", "=", "clinic_recall"), ("model", "=", "clinic.followup.choice")]
        )
        self.assertEqual({each.name: each.res_id for each in data}, before)

    def test_a_patient_is_asked_in_italian(self):
        """RCL-03: questions, answers to choose, refusals and thanks of the page."""
        self.env["res.lang"]._activate_lang("it_IT")
        self.env["ir.module.module"].search(
            [("name", "=", "clinic_recall")]
        )._update_translations(["it_IT"])
        self.patient.lang = "it_IT"
        self.writing.step_ids[1].questionnaire_id = self.env.ref(
            "clinic_recall.questionnaire_operation"
        )
        path = self.follow(plan=self.writing).step_ids[1]._answer_path()
        page = self.url_open(path).text
        for words in ("Ha la febbre?", "Asciutta e tranquilla", "Invia", "se desidera"):
            self.assertIn(words, page)
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        answer = self.url_open(path, data={"csrf_token": token}).text
        self.assertIn("Risponda a", answer)
