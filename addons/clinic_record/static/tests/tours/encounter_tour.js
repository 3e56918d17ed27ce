import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("clinic_encounter_tour", {
    steps: () => [
        {
            content: "Nobody works today: go on to the next working day",
            trigger: "button[name=next_day]",
            run: "click",
        },
        {
            content: "Open the visit",
            trigger: '.o_clinic_visit:contains("Neri Ugo")',
            run: "click",
        },
        {
            content: "Write what was found",
            trigger: ".o_clinic_popover button[name=encounter]",
            run: "click",
        },
        {
            content: "The encounter begins with what the patient said",
            trigger:
                ".o_clinic_encounter .o_field_widget[name=complaint] textarea:value(My heart stumbles)",
        },
    ],
});
