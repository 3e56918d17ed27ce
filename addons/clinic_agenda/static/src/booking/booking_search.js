import {Interaction} from "@web/public/interaction";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {rpc} from "@web/core/network/rpc";

/**
 * The type-ahead box of the first page (ARIA combobox with a list). Without it the
 * form around it searches just as well.
 */
export class BookingSearch extends Interaction {
    static selector = ".o_clinic_search";
    dynamicContent = {
        _root: {"t-on-focusout": this.onFocusOut},
        "#clinic_question": {
            "t-on-input": this.debounced(this.onInput, 150),
            "t-on-keydown": this.onKeydown,
        },
    };

    setup() {
        this.input = this.el.querySelector("#clinic_question");
        this.list = this.el.querySelector("#clinic_found");
        this.status = this.el.querySelector(".o_clinic_found_status");
        this.entries = [];
        this.active = -1;
        this.asked = 0;
        const attributes = {
            role: "combobox",
            "aria-autocomplete": "list",
            "aria-controls": "clinic_found",
            "aria-expanded": "false",
        };
        for (const [name, value] of Object.entries(attributes)) {
            this.input.setAttribute(name, value);
        }
    }

    async onInput() {
        const text = this.input.value.trim();
        const question = ++this.asked;
        if (text.length < 2) {
            this.close();
            return;
        }
        let found = [];
        try {
            found = await this.waitFor(
                rpc("/clinic/book/search", {text}, {silent: true})
            );
        } catch {
            // The form still searches: pressing Enter shows a page.
            this.close();
            return;
        }
        // An answer that comes late must not replace a later one.
        if (question === this.asked && document.activeElement === this.input) {
            this.show(found);
        }
    }

    show(found) {
        this.entries = found;
        this.active = -1;
        this.input.removeAttribute("aria-activedescendant");
        this.list.replaceChildren(
            ...(found.length ? found.map((entry, i) => this.option(entry, i)) : [])
        );
        this.list.classList.toggle("d-none", !found.length);
        this.input.setAttribute("aria-expanded", String(Boolean(found.length)));
        this.status.textContent = found.length
            ? _t("%s found. Choose with the arrow keys.", found.length)
            : _t("Nothing found. Try a shorter word.");
    }

    option(entry, index) {
        const option = document.createElement("li");
        option.id = `clinic_found_${index}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        const icon = document.createElement("i");
        icon.className = "fa fa-fw";
        if (/^fa-[a-z0-9-]+$/.test(entry.icon)) {
            icon.classList.add(entry.icon);
        }
        icon.setAttribute("aria-hidden", "true");
        const words = document.createElement("span");
        const name = document.createElement("span");
        name.className = "d-block fw-bold";
        name.textContent = entry.name;
        const detail = document.createElement("span");
        detail.className = "d-block small";
        detail.textContent = entry.detail;
        words.append(name, detail);
        option.append(icon, words);
        // On mousedown the box would lose the focus and close before the click.
        this.addListener(option, "mousedown", (ev) => ev.preventDefault());
        this.addListener(option, "click", () => this.open(index));
        return option;
    }

    onKeydown(ev) {
        const count = this.list.classList.contains("d-none") ? 0 : this.entries.length;
        if (ev.key === "Escape" && count) {
            ev.preventDefault();
            this.close();
        } else if (ev.key === "ArrowDown" && count) {
            ev.preventDefault();
            this.activate((this.active + 1) % count);
        } else if (ev.key === "ArrowUp" && count) {
            ev.preventDefault();
            this.activate(this.active > 0 ? this.active - 1 : count - 1);
        } else if (ev.key === "Enter" && count && this.active >= 0) {
            ev.preventDefault();
            this.open(this.active);
        }
    }

    activate(index) {
        this.active = index;
        for (const [place, option] of [...this.list.children].entries()) {
            option.setAttribute("aria-selected", String(place === index));
        }
        const option = this.list.children[index];
        option.scrollIntoView({block: "nearest"});
        this.input.setAttribute("aria-activedescendant", option.id);
    }

    open(index) {
        window.location.assign(this.entries[index].url);
    }

    onFocusOut(ev) {
        if (!this.el.contains(ev.relatedTarget)) {
            this.close();
        }
    }

    close() {
        this.asked++;
        this.list.classList.add("d-none");
        this.input.setAttribute("aria-expanded", "false");
        this.input.removeAttribute("aria-activedescendant");
        this.active = -1;
    }
}

registry.category("public.interactions").add("clinic_agenda.search", BookingSearch);
