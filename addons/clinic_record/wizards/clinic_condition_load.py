import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..lib import classification_file

#: Lines of a list that are shown.
SHOWN = 12


class ClinicConditionLoad(models.TransientModel):
    """Load the official list of conditions from a file.

    First it only looks and says what would change; then it writes. Loading the same
    file again changes nothing.
    """

    _name = "clinic.condition.load"
    _description = "Load a list of conditions"

    content = fields.Binary(string="File", attachment=False)
    file_name = fields.Char()
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Language of the titles",
        required=True,
        default=lambda self: self.env.lang or "en_US",
    )
    report = fields.Text(compute="_compute_report", string="What will happen")
    readable = fields.Boolean(compute="_compute_report")

    @api.depends("content", "lang")
    def _compute_report(self):
        for wizard in self:
            wizard.report, wizard.readable = False, False
            if not wizard.content:
                continue
            try:
                found = wizard._read_file()
            except UserError as refusal:
                wizard.report = str(refusal)
                continue
            wizard.report = wizard._describe_file(found)
            wizard.readable = True

    def _read_file(self):
        """Return the classification in the file.

        :raises UserError: it cannot be read, with the reason
        """
        self.ensure_one()
        if not self.content:
            raise UserError(self.env._("Choose a file first."))
        try:
            return classification_file.read(base64.b64decode(self.content))
        except classification_file.NotReadable as refusal:
            raise UserError(self._reasons()[str(refusal)]) from refusal

    def _reasons(self):
        """Return why a file is not read, in words: ``{reason: text}``."""
        return {
            "large": self.env._("The file is larger than 40 MB."),
            "archive": self.env._(
                "This is an archive: unpack it and choose the file inside."
            ),
            "broken": self.env._("The XML is broken: fetch the file again."),
            "entities": self.env._(
                "The XML declares entities, which a ClaML file never does."
            ),
            "no_category": self.env._("There is no class “category” in this XML."),
            "no_codes": self.env._(
                "No column with codes such as E11.9 was found. Save the list as text "
                "with one line for each code: the code, then the title."
            ),
            "no_titles": self.env._(
                "There is a column of codes, but none with titles."
            ),
        }

    def _describe_file(self, found):
        counts = self.env["clinic.condition"]._compare_titles(found.titles, self.lang)
        lines = [
            self.env._(
                "%(new)s new codes, %(changed)s titles that change, "
                "%(same)s that stay.",
                **counts,
            ),
            "",
            *(f"{code}  {title}" for code, title in list(found.titles.items())[:SHOWN]),
        ]
        if len(found.titles) > SHOWN:
            lines.append("…")
        if found.refused:
            lines += [
                "",
                self.env._(
                    "%(count)s lines have no code of ICD-10 and are left out, for "
                    "example:",
                    count=len(found.refused),
                ),
                *found.refused[:SHOWN],
            ]
        return "\n".join(lines)

    def action_load(self):
        """Write the list."""
        found = self._read_file()
        self.env["clinic.condition"]._load_titles(found.titles, self.lang)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "The list has been loaded: %(count)s codes.",
                    count=len(found.titles),
                ),
                "next": self.env["ir.actions.act_window"]._for_xml_id(
                    "clinic_record.clinic_condition_action"
                ),
            },
        }
