from . import care_plan, encounter, password, spreadsheet
