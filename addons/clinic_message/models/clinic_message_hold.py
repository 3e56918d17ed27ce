from contextlib import suppress

import psycopg2

from odoo import api, models
from odoo.tools import SQL

#: The database that messages were last sent from. Who restores a cluster file by file
#: writes another word here before Odoo starts: PostgreSQL keeps the number then.
HOME = "clinic_message.home"


class ClinicMessage(models.Model):
    """A database that was restored sends nothing until somebody has looked.

    A backup holds as waiting what has been sent since it was made: sent again, patients
    would be told twice, or told what is not true any more. A restored database is a new
    one for PostgreSQL, which numbers them; one that only moved to a standby is not.
    """

    _inherit = "clinic.message"

    @api.model
    def _is_held(self):
        """Whether sending waits for somebody to look; asked by each sender's run."""
        # sudo: ir.config_parameter - senders and staff alike ask
        home = self.env["ir.config_parameter"].sudo().get_param(HOME)
        return bool(home) and home != self._here()

    @api.model
    def _settle_home(self):
        """Remember which database sends, the first time that one does."""
        # sudo: ir.config_parameter - senders set what nobody edits
        parameters = self.env["ir.config_parameter"].sudo()
        if parameters.get_param(HOME):
            return
        with suppress(psycopg2.IntegrityError, psycopg2.errors.SerializationFailure):
            # Another sender may do the same just now.
            with self.env.cr.savepoint():
                parameters.set_param(HOME, self._here())

    @api.model
    def _here(self):
        """The number of this database, as ``server.database``."""
        try:
            with self.env.cr.savepoint(flush=False):
                rows = self.env.execute_query(
                    SQL(
                        "SELECT system_identifier, oid FROM pg_control_system(),"
                        " pg_database WHERE datname = current_database()"
                    )
                )
        except psycopg2.errors.InsufficientPrivilege:
            # A hosted server that does not tell its number: the database's alone.
            rows = self.env.execute_query(
                SQL("SELECT 0, oid FROM pg_database WHERE datname = current_database()")
            )
        return "{}.{}".format(*rows[0])

    @api.model
    def _go_on(self):
        """Send from this database from now on."""
        # sudo: ir.config_parameter - a manager decides, who does not set parameters
        self.env["ir.config_parameter"].sudo().set_param(HOME, self._here())
        self.env["clinic.message.provider"].search([("active", "=", True)])._wake()

    @api.model
    @api.readonly
    def inbox_count(self):
        """Return also whether sending is held, to those who can let it go on."""
        found = super().inbox_count()
        manager = self.env.user.has_group("clinic_patient.group_clinic_manager")
        return found | {"held": manager and self._is_held()}
