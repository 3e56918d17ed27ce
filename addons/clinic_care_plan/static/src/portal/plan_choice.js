import {Interaction} from "@web/public/interaction";
import {registry} from "@web/core/registry";

/**
 * Optional services of a treatment plan: each tick is sent at once, and the page comes
 * back with the total that belongs to it. Until then nothing can be signed.
 */
export class PlanChoice extends Interaction {
    static selector = ".o_clinic_choice";
    dynamicContent = {
        "input[type=checkbox]": {"t-on-change": this.save},
        _window: {"t-on-pageshow": this.refresh},
    };

    save() {
        document.getElementById("sign")?.setAttribute("inert", "");
        this.el.requestSubmit();
    }

    // The page a browser kept for "back" may show ticks that were changed since.
    refresh(event) {
        if (event.persisted) {
            location.reload();
        }
    }
}

registry
    .category("public.interactions")
    .add("clinic_care_plan.plan_choice", PlanChoice);
