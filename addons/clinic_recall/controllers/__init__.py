from . import followup_answer
