"""The advisory locks of this addon; see ``clinic_base.lib.lock_spaces``."""

from odoo.addons.clinic_base.lib.lock_spaces import lock_space

FACTS_WORKER = lock_space(7411, "the one worker that brings facts up to date")
IMPORT = lock_space(7412, "an import that a worker is busy with")
SEGMENT_HISTORY = lock_space(7413, "a segment of which a snapshot is taken")
