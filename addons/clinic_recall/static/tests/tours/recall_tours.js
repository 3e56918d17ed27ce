import {registry} from "@web/core/registry";

/** A follower's day: keys, an answer, a call that nobody takes, a call that is done. */
registry.category("web_tour.tours").add("clinic_recall_desk", {
    steps: () => [
        {
            content: "the overdue call comes first and is open",
            trigger: ".o_clinic_desk_item.o_selected.o_overdue:contains(Overdue)",
        },
        {
            content: "arrow down goes to the next line",
            trigger: ".o_clinic_desk_item.o_selected",
            run: "press ArrowDown",
        },
        {
            content: "Enter goes to where is written",
            trigger: ".o_clinic_desk_item.o_selected:contains(Asked)",
            run: "press Enter",
        },
        {
            content: "an answer is missing: refused, nothing lost",
            trigger: "#clinic_desk_note:focus",
            run: "edit All is well",
        },
        {trigger: "button[name=done]", run: "click"},
        {
            trigger: ".modal .modal-body:contains(Please answer)",
        },
        {trigger: ".modal .modal-footer button", run: "click"},
        {
            trigger: ".o_clinic_desk_questions .o_clinic_desk_scale:contains(2)",
            run: "click",
        },
        {
            content: "done without the mouse",
            trigger: ".o_clinic_desk_body:has(.o_clinic_desk_scale.btn-primary)",
            run: "press ctrl+Enter",
        },
        {
            content: "done: it leaves the list",
            trigger:
                ".o_clinic_desk_list:not(:has(.o_clinic_desk_item:contains(Asked)))",
        },
        {trigger: ".o_clinic_desk_item:contains(Overdue)", run: "click"},
        {trigger: ".o_clinic_desk_detail h2:contains(Overdue)"},
        {trigger: "button[name=no_answer]", run: "click"},
        {trigger: ".o-dropdown-item:contains(In two hours)", run: "click"},
        {
            content: "it is not overdue any more",
            trigger: ".o_clinic_desk_list:not(:has(.o_overdue))",
        },
    ],
});

/** A journey is drawn: a step is added, put between others, and taken out. */
registry.category("web_tour.tours").add("clinic_recall_flow", {
    steps: () => [
        {
            content: "add a wait at the beginning",
            trigger: ".o_clinic_flow_first .o_clinic_flow_add",
            run: "click",
        },
        {trigger: ".o-dropdown-item:contains(Wait)", run: "click"},
        {
            trigger: ".modal div[name=name] input",
            run: "edit Three days",
        },
        {trigger: ".modal div[name=wait_amount] input", run: "edit 3"},
        {trigger: ".modal .o_form_button_save", run: "click"},
        {
            trigger: ".o_clinic_flow_card[data-kind=wait]:contains(3 days)",
        },
        {
            content: "a goal after it",
            trigger: ".o_clinic_flow_between .o_clinic_flow_add",
            run: "click",
        },
        {trigger: ".o-dropdown-item:contains(Goal)", run: "click"},
        {trigger: ".modal .o_form_button_save", run: "click"},
        {
            content: "take the wait out again",
            trigger: ".o_clinic_flow_card[data-kind=wait] button[title='Take out']",
            run: "click",
        },
        {trigger: ".modal button:contains(Take out)", run: "click"},
        {
            trigger:
                ".o_clinic_flow:not(:has([data-kind=wait])) .o_clinic_flow_card[data-kind=goal]",
        },
    ],
});
