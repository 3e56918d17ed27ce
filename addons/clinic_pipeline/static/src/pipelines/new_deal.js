import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {FormController} from "@web/views/form/form_controller";
import {formView} from "@web/views/form/form_view";
import {ListController} from "@web/views/list/list_controller";
import {listView} from "@web/views/list/list_view";

const NEW_DEAL = "clinic_pipeline.clinic_deal_action_new";

/** *New* in a list of deals asks for patient, topic and source, and stays there. */
export class DealListController extends ListController {
    async createRecord() {
        const {root} = this.model;
        await this.actionService.doAction(NEW_DEAL, {
            additionalContext: root.context,
            onClose: () => root.load(),
        });
    }
}

/** *New* on a deal asks for the same; the deal stays open behind it. */
export class DealFormController extends FormController {
    setup() {
        super.setup();
        this.actions = useService("action");
    }

    async create() {
        const {root} = this.model;
        if ((await root.isDirty()) && !(await root.save())) {
            return;
        }
        await this.actions.doAction(NEW_DEAL, {
            additionalContext: this.props.context,
        });
    }
}

const views = registry.category("views");
views.add("clinic_deal_list", {...listView, Controller: DealListController});
views.add("clinic_deal_form", {...formView, Controller: DealFormController});
