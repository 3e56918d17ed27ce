import {Component, onWillStart, onWillUpdateProps} from "@odoo/owl";
import {KanbanRenderer} from "@web/views/kanban/kanban_renderer";
import {ListRenderer} from "@web/views/list/list_renderer";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {listView} from "@web/views/list/list_view";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

/** What waits for somebody, in numbers; a click filters the reports below. */
export class ReportPanel extends Component {
    static template = "clinic_report.ReportPanel";
    static props = {list: {type: Object, optional: true}};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        onWillStart(() => this.load());
        onWillUpdateProps(() => this.load());
    }

    async load() {
        this.tiles = await this.orm.call(
            "clinic.diagnostic.report",
            "retrieve_dashboard"
        );
    }

    choose(tile) {
        if (tile.action) {
            this.action.doAction(tile.action);
            return;
        }
        const items = this.env.searchModel.getSearchItems(
            (item) => item.name === tile.name
        );
        this.env.searchModel.query = [];
        for (const item of items) {
            this.env.searchModel.toggleSearchItem(item.id);
        }
    }
}

class ReportListRenderer extends ListRenderer {
    static template = "clinic_report.ReportListRenderer";
    static components = {...ListRenderer.components, ReportPanel};
}

class ReportKanbanRenderer extends KanbanRenderer {
    static template = "clinic_report.ReportKanbanRenderer";
    static components = {...KanbanRenderer.components, ReportPanel};
}

registry
    .category("views")
    .add("clinic_report_list", {...listView, Renderer: ReportListRenderer});
registry
    .category("views")
    .add("clinic_report_kanban", {...kanbanView, Renderer: ReportKanbanRenderer});
