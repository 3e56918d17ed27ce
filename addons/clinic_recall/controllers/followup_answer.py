import psycopg2

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools import mute_logger
from odoo.tools.misc import verify_hash_signed

from .patient_language import speak_to

#: More bytes than this are no answers to a few questions.
MOST_FIELDS = 100


class FollowupAnswer(http.Controller):
    """The questions of a follow-up, by a signed link, without a log-in.

    Reading changes nothing; only sending the form does, once. The page says the first
    name at most, so that a wrong reader learns nothing about health.
    """

    def _followup_answer_step(self, token):
        """The step of a token, or nothing: forged, too old, or gone."""
        try:
            step_id = verify_hash_signed(
                request.env(su=True), "clinic.followup.answer", token
            )
        except ValueError:
            step_id = None
        # sudo: clinic.followup.step - the signature is the right to answer
        steps = request.env["clinic.followup.step"].sudo()
        step = steps.browse(step_id or 0).exists()
        if not step.questionnaire_id:
            return steps
        return step.with_context(lang=speak_to(step.patient_id))

    def _followup_answer_page(self, step, token, **values):
        done = bool(step.answer_ids) or values.get("is_done")
        return request.render(
            "clinic_recall.followup_answer_page",
            {
                "token": token,
                "questionnaire": step.questionnaire_id._describe(),
                "clinic": step.company_id,
                "is_done": done,
                "is_over": step.state == "cancelled",
                "given": {},
                "error": None,
                **values,
            },
            headers={
                "Cache-Control": "no-store",
                "Referrer-Policy": "no-referrer",
                "X-Robots-Tag": "noindex",
            },
        )

    @http.route(
        "/clinic/answer/<string:token>",
        type="http",
        auth="public",
        methods=["GET"],
        sitemap=False,
        website=True,
    )
    def followup_answer(self, token, **_kwargs):
        """The questions, or a word of thanks when they are answered."""
        step = self._followup_answer_step(token)
        if not step:
            raise request.not_found()
        return self._followup_answer_page(step, token)

    @http.route(
        "/clinic/answer/<string:token>",
        type="http",
        auth="public",
        methods=["POST"],
        sitemap=False,
        website=True,
    )
    def followup_answer_send(self, token, **given):
        """Take the answers, once; a repeat says thank you again."""
        step = self._followup_answer_step(token)
        if not step or len(given) > MOST_FIELDS:
            raise request.not_found()
        if step.answer_ids or step.state == "cancelled":
            return self._followup_answer_page(step, token)
        given = {
            key.removeprefix("q"): value
            for key, value in given.items()
            if key.startswith("q") and isinstance(value, str)
        }
        try:
            with mute_logger("odoo.sql_db"), request.env.cr.savepoint():
                step._answered_by_link(given)
        except UserError as refusal:
            return self._followup_answer_page(
                step, token, given=given, error=str(refusal)
            )
        except psycopg2.errors.UniqueViolation:
            # Sent twice at the same moment: the other one counts.
            return self._followup_answer_page(step, token, is_done=True)
        return self._followup_answer_page(step, token, is_done=True)
