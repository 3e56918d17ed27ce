import {
    Component,
    onWillStart,
    onWillUnmount,
    useEffect,
    useRef,
    useState,
} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useBus, useService} from "@web/core/utils/hooks";
import {useDebounced} from "@web/core/utils/timing";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {InboxActions} from "./inbox_actions";
import {InboxModel} from "./inbox_model";
import * as words from "./inbox_words";

/** By this an answer that is sent twice is known for the same one. */
function makeToken(id) {
    return `${id}-${Date.now()}-${Math.random().toString(36).slice(2)}`;
}

/**
 * Conversations with patients: on the left those that wait, on the right what was said
 * and the place to answer. The model reads and keeps what is being typed.
 */
export class Inbox extends Component {
    static template = "clinic_message.Inbox";
    static props = {...standardActionServiceProps};

    setup() {
        const services = {action: useService("action"), orm: useService("orm")};
        const waiting = useService("clinic_message.waiting");
        this.words = words;
        this.scroll = useRef("scroll");
        this.tabs = [
            ["open", _t("Waiting")],
            ["mine", _t("Mine")],
            ["all", _t("All")],
        ];
        this.model = useState(new InboxModel(services.orm, makeToken));
        this.actions = new InboxActions(this.model, services);
        this.search = useDebounced((text) => this.model.search(text), 250);
        onWillStart(() => this.model.start(this.props.action.params?.message_id));
        useBus(waiting.bus, "changed", () => this.model.refresh());
        onWillUnmount(waiting.watch());
        useEffect(
            () => this.showLatest(),
            () => [this.model.talk?.id, this.model.talk?.lines.length]
        );
    }

    /** What was said last stands at the bottom. */
    showLatest() {
        const {el} = this.scroll;
        if (el) {
            el.scrollTop = el.scrollHeight;
        }
    }

    onKeydown(event) {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            this.model.answer();
        }
    }
}

registry.category("actions").add("clinic_message.inbox", Inbox);
