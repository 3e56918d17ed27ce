import {Interaction} from "@web/public/interaction";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

/** The form of the visitor's details: one submit, errors in focus, family fields. */
export class BookingForm extends Interaction {
    static selector = ".o_clinic_form";
    dynamicContent = {
        _root: {"t-on-submit": this.onSubmit},
        "input[name=patient]": {"t-on-change": this.showPerson},
        _window: {"t-on-pageshow": () => this.release()},
    };

    setup() {
        this.person = this.el.querySelector(".o_clinic_new_person");
        this.kind = this.el.querySelector(".o_clinic_kind");
    }

    start() {
        this.showPerson();
        const wrong = this.el.querySelector(".is-invalid");
        const problems = document.querySelector(".o_clinic_problems");
        (wrong || problems)?.focus();
    }

    /** Show the fields of a new person only when they are needed. */
    showPerson() {
        if (!this.person) {
            return;
        }
        const choice = this.el.querySelector("input[name=patient]:checked")?.value;
        this.toggle(this.person, choice === "new" || choice === "me");
        this.toggle(this.kind, choice === "new");
    }

    toggle(part, shown) {
        part.classList.toggle("d-none", !shown);
        for (const field of part.querySelectorAll("input, select")) {
            const outside = field.closest(".o_clinic_kind") !== part;
            const hidden = part === this.person && this.kind.contains(field) && outside;
            if (!hidden || !shown) {
                field.disabled = !shown;
            }
        }
    }

    /** A double click books once on the server too; here it is not even sent. */
    onSubmit(ev) {
        if (this.sent) {
            ev.preventDefault();
            return;
        }
        this.sent = true;
        this.el.setAttribute("aria-busy", "true");
    }

    /** Coming back with the browser's button, the form can be sent again. */
    release() {
        this.sent = false;
        this.el.removeAttribute("aria-busy");
    }
}

/** Copies the calendar address. */
export class CopyAddress extends Interaction {
    static selector = ".o_clinic_copy";
    dynamicContent = {_root: {"t-on-click": this.onClick}};

    start() {
        this.el.classList.toggle("d-none", !navigator.clipboard);
    }

    async onClick() {
        const field = document.querySelector("#clinic_feed");
        await this.waitFor(navigator.clipboard.writeText(field.value));
        document.querySelector(".o_clinic_copy_status").textContent = _t("Copied.");
    }
}

registry.category("public.interactions").add("clinic_agenda.form", BookingForm);
registry.category("public.interactions").add("clinic_agenda.copy", CopyAddress);
