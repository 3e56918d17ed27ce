import {Component, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";
import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {deserializeDateTime} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {FormViewDialog} from "@web/views/view_dialogs/form_view_dialog";
import {SelectCreateDialog} from "@web/views/view_dialogs/select_create_dialog";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {layoutFlow} from "./flow_layout";

const {DateTime} = luxon;
const MODEL = "clinic.journey";

/** The picture of a journey, from which its steps are edited and tried. */
export class JourneyFlow extends Component {
    static template = "clinic_recall.JourneyFlow";
    static components = {Dropdown, DropdownItem};
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.state = useState({flow: null, layout: null, trial: null});
        onWillStart(() => this.load(this.props));
        onWillUpdateProps((props) => this.load(props));
    }

    async load(props = this.props) {
        const id = props.record.resId;
        if (!id) {
            this.state.flow = null;
            return;
        }
        const flow = await this.orm.call(MODEL, "get_flow", [[id]]);
        this.state.flow = flow;
        this.state.layout = layoutFlow(flow.nodes, flow.first);
    }

    place(node) {
        const {x, y} = this.state.layout.places[node.id];
        return `left:${x}px;top:${y}px`;
    }

    step(node) {
        return this.state.trial?.steps.find((step) => step.id === node.id);
    }

    isOnWay(arrow) {
        const step = this.state.trial?.steps.find((each) => each.id === arrow.id);
        return Boolean(step && step.way === arrow.way);
    }

    moment(step) {
        return deserializeDateTime(step.moment).toLocaleString(
            DateTime.DATETIME_MED_WITH_WEEKDAY
        );
    }

    get kindsToAdd() {
        return this.state.flow.kinds;
    }

    async insert(kind, arrow) {
        const id = await this.orm.call(MODEL, "insert_node", [
            [this.state.flow.id],
            kind,
            arrow?.id || false,
            arrow?.way || "next",
        ]);
        this.state.trial = null;
        await this.load();
        this.open(id);
    }

    open(id) {
        this.dialog.add(FormViewDialog, {
            resModel: "clinic.journey.node",
            resId: id,
            title: _t("Step"),
            readonly: !this.state.flow.can_edit,
            size: "lg",
            onRecordSaved: () => this.load(),
        });
    }

    remove(node) {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Take out a step"),
            body: _t("“%s” is taken out; what led to it goes on after it.", node.name),
            confirmLabel: _t("Take out"),
            confirm: async () => {
                await this.orm.call(MODEL, "remove_node", [
                    [this.state.flow.id],
                    node.id,
                ]);
                this.state.trial = null;
                await this.load();
            },
            cancel: () => {},
        });
    }

    tryOnPatient() {
        this.dialog.add(SelectCreateDialog, {
            resModel: "res.partner",
            title: _t("Try it on a patient: nothing is sent"),
            domain: [["is_patient", "=", true]],
            multiSelect: false,
            noCreate: true,
            onSelected: async ([id]) => {
                this.state.trial = await this.orm.call(MODEL, "simulate", [
                    [this.state.flow.id],
                    id,
                ]);
            },
        });
    }

    endTrial() {
        this.state.trial = null;
    }
}

registry.category("view_widgets").add("clinic_journey_flow", {component: JourneyFlow});
