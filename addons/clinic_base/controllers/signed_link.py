from odoo.exceptions import UserError
from odoo.http import request

from ..lib.ours import Said
from . import secure_pages


class SignedLinkPages:
    """Seeing by GET, answering by POST only, because mail scanners follow links.

    Subclasses say which ``clinic.signed.link`` it is and what its page shows.
    """

    #: The model behind the link, and the template of its page.
    link_model = link_template = None

    def _link_values(self, record):
        """What the page shows of the record."""
        raise NotImplementedError

    def _signed_limit(self):
        """Extension point: count a form that was sent from here.

        :raises TooManyRequests: there were too many lately
        """
        raise NotImplementedError

    def _signed(self, token):
        """The record of a link in sudo, and who answers.

        :raises NotFound: for anything odd, always the same
        """
        record, person = request.env[self.link_model]._by_token(token)
        if not record:
            raise request.not_found()
        # Other links on the page are this person's own.
        return record.with_context(clinic_link_person_id=Said(person.id)), person

    def _signed_page(self, token, record, status=200, error=None):
        base = request.env[self.link_model]._link_base
        values = {"url": f"{base}/{token}", "error": error}
        return secure_pages.page(
            self.link_template, values | self._link_values(record), status
        )

    def _signed_answer(self, token, act):
        """Do what the answer says, or say on the page why not.

        :param act: takes the record and who answers; raises UserError to refuse
        """
        self._signed_limit()
        record, person = self._signed(token)
        try:
            with request.env.cr.savepoint():
                act(record, person)
        except UserError as refusal:
            return self._signed_page(token, record, 409, str(refusal))
        base = request.env[self.link_model]._link_base
        return secure_pages.redirect(f"{base}/{token}")
