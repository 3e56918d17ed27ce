import {Component, onWillStart, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useService} from "@web/core/utils/hooks";

/**
 * The switchboard: what is told on which channel. A cell is one switch; a click turns it.
 */
export class Board extends Component {
    static template = "clinic_message.Board";
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({channels: [], rows: [], may_change: false});
        onWillStart(() => this.load());
    }

    async load() {
        Object.assign(
            this.state,
            await this.orm.call("clinic.message.kind", "board", [])
        );
    }

    async flip(row, channel) {
        const cell = row.cells[channel.name];
        await this.orm.call("clinic.message.kind", "flip", [
            [row.id],
            channel.name,
            !(cell && cell.on),
        ]);
        return this.load();
    }

    async turn(row) {
        await this.orm.write("clinic.message.kind", [row.id], {active: !row.active});
        return this.load();
    }

    openKind(row) {
        return this.action.doAction(
            {
                type: "ir.actions.act_window",
                name: row.name,
                res_model: "clinic.message.kind",
                res_id: row.id,
                views: [[false, "form"]],
                target: "new",
            },
            {onClose: () => this.load()}
        );
    }

    openText(cell) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "clinic.message.template",
            res_id: cell.template_id,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("clinic_message.board", Board);
