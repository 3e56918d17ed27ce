import {Component} from "@odoo/owl";
import {useHotkey} from "@web/core/hotkeys/hotkey_hook";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/**
 * Two cards side by side. What differs is marked; a click on a value chooses it.
 * The server proposes and computes; this only shows and notes the clicks in `choices`.
 */
export class DuplicateComparison extends Component {
    static template = "clinic_patient.DuplicateComparison";
    static props = {...standardFieldProps};

    setup() {
        this.action = useService("action");
        useHotkey("1", () => this.keep("first"));
        useHotkey("2", () => this.keep("second"));
    }

    get value() {
        return this.props.record.data[this.props.name] || {};
    }

    get locked() {
        return this.props.record.data.state === "merged";
    }

    get sides() {
        return ["first", "second"];
    }

    get bothHaveLogin() {
        return Boolean(this.value.cards.first.login && this.value.cards.second.login);
    }

    get goneSide() {
        return this.value.survivor === "first" ? "second" : "first";
    }

    note(changes) {
        if (!this.locked) {
            const choices = {...(this.props.record.data.choices || {}), ...changes};
            return this.props.record.update({choices});
        }
    }

    /** The card that stays; proposals follow it, clicks on values are forgotten. */
    keep(survivor) {
        return this.note({survivor, fields: {}});
    }

    choose(key, side) {
        const fields = (this.props.record.data.choices || {}).fields || {};
        return this.note({fields: {...fields, [key]: side}});
    }

    /** Somebody sees more than before; who merges says how that was checked. */
    get reasonWanted() {
        return this.value.rights.some((right) => right.kind !== "suspended");
    }

    setReason(event) {
        return this.note({reason: event.target.value});
    }

    setLogins(event) {
        return this.note({logins: event.target.value});
    }

    open(side) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: this.value.cards[side].id,
            views: [[false, "form"]],
        });
    }
}

registry.category("fields").add("clinic_duplicate_comparison", {
    component: DuplicateComparison,
    supportedTypes: ["json"],
    fieldDependencies: [
        {name: "choices", type: "json"},
        {name: "state", type: "selection"},
    ],
});
