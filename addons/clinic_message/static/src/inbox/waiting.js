import {Component, EventBus, reactive, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {sprintf} from "@web/core/utils/strings";
import {useService} from "@web/core/utils/hooks";

const TOLD = "clinic_message.told";

/**
 * How many conversations wait: counted at log-in, and again whenever the server says
 * that something changed. Who logs in is told once; who is logged in hears of new ones.
 */
export const waitingService = {
    dependencies: ["orm", "bus_service", "notification", "action"],

    start(env, {orm, bus_service: busService, notification, action}) {
        const state = reactive({mine: 0, free: 0});
        const bus = new EventBus();

        // Notices on screen; they end when the inbox itself is looked at.
        const notices = new Set();
        let watched = 0;
        const watch = () => {
            watched += 1;
            notices.forEach((close) => close());
            notices.clear();
            return () => {
                watched -= 1;
            };
        };

        const open = () =>
            action.doAction("clinic_message.clinic_message_inbox_action");

        const tell = (words) => {
            if (watched) {
                return;
            }
            const close = notification.add(words, {
                type: "info",
                sticky: true,
                buttons: [
                    {
                        name: _t("Open the inbox"),
                        primary: true,
                        onClick: () => {
                            close();
                            open();
                        },
                    },
                ],
            });
            notices.add(close);
        };

        const count = async () => {
            const found = await orm.silent.call("clinic.message", "inbox_count", []);
            Object.assign(state, found);
        };

        busService.subscribe("clinic_message/inbox", async ({id}) => {
            const before = state.mine + state.free;
            await count();
            bus.trigger("changed");
            if (id && state.mine + state.free > before) {
                tell(_t("A patient has written."));
            }
        });
        busService.start();
        count()
            .then(() => {
                if (state.held) {
                    const close = notification.add(
                        _t("No message leaves: this database was restored."),
                        {
                            type: "danger",
                            sticky: true,
                            buttons: [
                                {
                                    name: _t("Look"),
                                    primary: true,
                                    onClick: () => {
                                        close();
                                        action.doAction(
                                            "clinic_message.clinic_message_restart_action"
                                        );
                                    },
                                },
                            ],
                        }
                    );
                }
                const waiting = state.mine + state.free;
                // Once after the log-in, not again on each page.
                if (waiting && !browser.sessionStorage.getItem(TOLD)) {
                    browser.sessionStorage.setItem(TOLD, "1");
                    tell(sprintf(_t("%s conversations wait for an answer."), waiting));
                }
            })
            .catch(() => Object.assign(state, {mine: 0, free: 0}));
        return {state, bus, open, watch};
    },
};

registry.category("services").add("clinic_message.waiting", waitingService);

export class WaitingMenu extends Component {
    static template = "clinic_message.WaitingMenu";
    static props = {};

    setup() {
        this.waiting = useService("clinic_message.waiting");
        this.state = useState(this.waiting.state);
    }

    get count() {
        return this.state.mine + this.state.free;
    }

    get title() {
        return sprintf(
            _t("Messages of patients: %s mine, %s of nobody"),
            this.state.mine,
            this.state.free
        );
    }

    open() {
        return this.waiting.open();
    }
}

registry
    .category("systray")
    .add("clinic_message.waiting", {Component: WaitingMenu}, {sequence: 30});
