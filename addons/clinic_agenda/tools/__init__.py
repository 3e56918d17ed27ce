"""What needs Odoo and is no model: SQL that is composed, connections, guesses."""
