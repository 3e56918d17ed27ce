"""Programs run by the environment's Python, with Odoo at hand."""
