import {Component, markup, onWillStart, useEffect, useRef, useState} from "@odoo/owl";
import {DateTimeInput} from "@web/core/datetime/datetime_input";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {Layout} from "@web/search/layout";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {DeskActions} from "./desk_actions";
import {useDeskKeys} from "./desk_keys";
import {useLiveDesk} from "./desk_live";
import {DeskQuestionnaire} from "./desk_questionnaire";
import * as words from "./desk_words";
import {FollowerDeskModel} from "./follower_desk_model";

/**
 * The follower's desk: what is due today on the left, one patient on the right.
 * The model reads and keeps what is being typed; keys and buttons say what is meant.
 */
export class FollowerDesk extends Component {
    static template = "clinic_recall.FollowerDesk";
    static components = {
        DateTimeInput,
        DeskQuestionnaire,
        Dropdown,
        DropdownItem,
        Layout,
    };
    static props = {...standardActionServiceProps};

    setup() {
        const services = {
            action: useService("action"),
            dialog: useService("dialog"),
            notification: useService("notification"),
            orm: useService("orm"),
        };
        this.words = words;
        // The line whose work is begun when it is there.
        this.wanted = null;
        this.list = useRef("list");
        this.detail = useRef("detail");
        this.model = useState(new FollowerDeskModel(services.orm));
        this.actions = new DeskActions(this.model, services);
        useLiveDesk(this.model);
        useDeskKeys(this);
        onWillStart(() => this.model.start());
        useEffect(
            () => this.revealSelected(),
            () => [this.model.key]
        );
        useEffect(
            () => this.focusWanted(),
            () => [this.model.detail]
        );
    }

    /** The id of a line, by which screen readers are told which one is chosen. */
    optionId(key) {
        return `clinic_desk_${key}`;
    }

    /** Sanitized by the server, as every Html field. */
    get script() {
        return markup(this.model.detail.step.script);
    }

    get nextTries() {
        return words.nextTries(luxon.DateTime.local());
    }

    revealSelected() {
        this.list.el
            ?.querySelector("[aria-selected=true]")
            ?.scrollIntoView({block: "nearest"});
    }

    /** Go to where the work of the chosen line begins, as soon as it is there. */
    focusFirst() {
        this.wanted = this.model.key;
        this.focusWanted();
    }

    focusWanted() {
        const {detail, key} = this.model;
        if (detail && this.wanted === key) {
            this.wanted = null;
            this.detail.el.querySelector(".o_clinic_desk_first")?.focus();
        }
    }
}

registry.category("actions").add("clinic_follower_desk", FollowerDesk);
