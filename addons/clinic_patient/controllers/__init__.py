from . import care_plan, document, encounter, password, spreadsheet
