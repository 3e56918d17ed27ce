"""The advisory locks of this addon; see ``clinic_base.lib.lock_spaces``."""

from odoo.addons.clinic_base.lib.lock_spaces import lock_space

RECALL_WORKER = lock_space(7414, "the one worker that finds out who is due")
