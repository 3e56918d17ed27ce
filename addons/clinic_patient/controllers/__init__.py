from . import care_plan, password, spreadsheet
