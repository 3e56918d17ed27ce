from . import care_plan, password, report, spreadsheet
