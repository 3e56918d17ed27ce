import hashlib
import logging
import os

from odoo import api, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


class IrAttachment(models.Model):
    """Files are kept whole or not at all, also when the disk is full.

    Odoo leaves the beginning of a file that did not fit under the name of the whole;
    for ever after the same file is refused as a «collision».
    """

    _inherit = "ir.attachment"

    @api.model
    def _get_path(self, bin_data, sha):
        """Odoo's, which refuses a name that other content has: here not by what an
        earlier failure left under it."""
        self._drop_damaged(self._full_path(f"{sha[:2]}/{sha}"), sha)
        return super()._get_path(bin_data, sha)

    @api.model
    def _file_write(self, bin_value, checksum):
        """Odoo's, without what this failure leaves.

        :raises UserError: it could not be kept; nothing is left of it
        """
        path = self._full_path(f"{checksum[:2]}/{checksum}")
        try:
            return super()._file_write(bin_value, checksum)
        except OSError as error:
            _logger.error("A file could not be kept: %s", error.strerror)
            try:
                self._drop_damaged(path, checksum)
            except OSError:
                _logger.error("What is left of it could not be removed: %s", path)
            raise UserError(
                self.env._(
                    "The file could not be kept: the place where files are stored is "
                    "full or cannot be written. Nothing was changed. Please try again "
                    "later; the administrator finds it in the log."
                )
            ) from error

    @api.model
    def _drop_damaged(self, path, checksum):
        """Remove a file that does not hold what its name says."""
        try:
            with open(path, "rb") as file:
                digest = hashlib.sha1(usedforsecurity=False)
                while part := file.read(2**20):
                    digest.update(part)
        except FileNotFoundError:
            return
        if digest.hexdigest() != checksum:
            _logger.warning("A damaged file was removed: %s", path)
            os.unlink(path)
