import {useHotkey} from "@web/core/hotkeys/hotkey_hook";
import {registry} from "@web/core/registry";
import {FormController} from "@web/views/form/form_controller";
import {formView} from "@web/views/form/form_view";

/** Review by keyboard: a decision leads to the next pair. */
export class DuplicateFormController extends FormController {
    setup() {
        super.setup();
        useHotkey("arrowright", () => this.turn(1));
        useHotkey("arrowleft", () => this.turn(-1));
        useHotkey("n", () => this.press("action_not_same"));
        useHotkey("m", () => this.press("action_merge"));
    }

    /** Show the pair that stands `step` further in the list. */
    async turn(step) {
        const {resId, resIds} = this.model.root;
        const offset = resIds.indexOf(resId) + step;
        if (offset >= 0 && offset < resIds.length) {
            await this.onPagerUpdate({offset, resIds});
        }
    }

    /** Press a button of the form, if it is there. */
    press(name) {
        this.rootRef.el?.querySelector(`button[name="${name}"]`)?.click();
    }

    async afterExecuteActionButton(clickParams) {
        await super.afterExecuteActionButton(clickParams);
        if (["action_merge", "action_not_same"].includes(clickParams.name)) {
            await this.turn(1);
        }
    }
}

registry.category("views").add("clinic_duplicate_form", {
    ...formView,
    Controller: DuplicateFormController,
});
