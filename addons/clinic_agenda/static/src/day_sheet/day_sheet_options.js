import {Component, useState} from "@odoo/owl";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {_t} from "@web/core/l10n/translation";
import {ZOOMS} from "./sheet_choices";

/** Where, by what, and how large: the choices of the day sheet. */
export class DaySheetOptions extends Component {
    static template = "clinic_agenda.DaySheetOptions";
    static components = {Dropdown, DropdownItem};
    static props = {model: Object, show: Function, print: Function};

    setup() {
        this.model = useState(this.props.model);
    }

    get groupings() {
        return [
            {id: "practitioner", label: _t("Practitioners"), icon: "fa-user-md"},
            {id: "room", label: _t("Rooms"), icon: "fa-hospital-o"},
            {id: "equipment", label: _t("Equipment"), icon: "fa-heartbeat"},
        ];
    }

    get canZoomIn() {
        return this.model.zoom < ZOOMS.at(-1);
    }

    get canZoomOut() {
        return this.model.zoom > ZOOMS[0];
    }
}
