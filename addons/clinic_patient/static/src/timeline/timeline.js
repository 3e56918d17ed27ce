import {Component, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";
import {deserializeDateTime, formatDateTime} from "@web/core/l10n/dates";
import {localization} from "@web/core/l10n/localization";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useService} from "@web/core/utils/hooks";

/**
 * Everything that happened to a patient, the latest first: filtered by kind, read page
 * by page. What there is to see, and who may see it, the server decides.
 */
export class Timeline extends Component {
    static template = "clinic_patient.Timeline";
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({kinds: [], chosen: [], items: [], cursor: null});
        onWillStart(() => this.load(this.props.record.resId));
        onWillUpdateProps((next) => {
            if (next.record.resId !== this.props.record.resId) {
                this.state.chosen = [];
                return this.load(next.record.resId);
            }
        });
    }

    async load(resId, before = null) {
        if (!resId) {
            Object.assign(this.state, {kinds: [], items: [], cursor: null});
            return;
        }
        const page = await this.orm.call("res.partner", "timeline", [[resId]], {
            kinds: this.state.chosen,
            before,
        });
        if (before) {
            this.state.items.push(...page.items);
        } else {
            Object.assign(this.state, {kinds: page.kinds, items: page.items});
        }
        this.state.cursor = page.cursor;
    }

    more() {
        return this.load(this.props.record.resId, this.state.cursor);
    }

    toggle(name) {
        const chosen = this.state.chosen;
        this.state.chosen = chosen.includes(name)
            ? chosen.filter((kind) => kind !== name)
            : [...chosen, name];
        return this.load(this.props.record.resId);
    }

    showAll() {
        this.state.chosen = [];
        return this.load(this.props.record.resId);
    }

    kindOf(item) {
        return this.state.kinds.find((kind) => kind.name === item.kind) || {};
    }

    when(item) {
        return (
            item.when ||
            formatDateTime(deserializeDateTime(item.moment), {
                format: `${localization.dateFormat} HH:mm`,
            })
        );
    }

    open(item) {
        if (item.url) {
            return this.action.doAction({
                type: "ir.actions.act_url",
                url: item.url,
                target: "new",
            });
        }
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: item.open.model,
            res_id: item.open.id,
            views: [[false, "form"]],
        });
    }
}

registry.category("view_widgets").add("clinic_timeline", {component: Timeline});
