import {ActivityMenu} from "@mail/core/web/activity_menu";
import {patch} from "@web/core/utils/patch";
import {user} from "@web/core/user";

/**
 * The clock on top counts the next steps of deals: for the staff of the clinic it opens
 * them in the clinic's words, not in those of sales.
 */
patch(ActivityMenu.prototype, {
    async openActivityGroup(group, filter = "all", newWindow = undefined) {
        const isDeal =
            group.model === "crm.lead" &&
            (await user.hasGroup("clinic_patient.group_clinic_user")) &&
            !(await user.hasGroup("sales_team.group_sale_salesman"));
        if (!isDeal) {
            return super.openActivityGroup(group, filter, newWindow);
        }
        this.dropdown.close();
        const names = {
            overdue: "overdue",
            today: "due_today",
            upcoming_all: "planned",
        };
        const context = {search_default_my_steps: 1, force_search_count: 1};
        if (filter in names) {
            context[`search_default_${names[filter]}`] = 1;
        }
        return this.action.doAction("clinic_pipeline.clinic_deal_action_steps", {
            additionalContext: context,
            clearBreadcrumbs: true,
            newWindow,
        });
    },
});
