import {_t} from "@web/core/l10n/translation";
import {rpc} from "@web/core/network/rpc";
import {registry} from "@web/core/registry";
import {Interaction} from "@web/public/interaction";

const SCOPE = "/my/push";

/** The switch for pushes in the portal; hidden where a browser knows none. */
export class PushButton extends Interaction {
    static selector = ".o_clinic_push";
    dynamicContent = {
        button: {"t-on-click": this.toggle},
    };

    async willStart() {
        if (!("serviceWorker" in navigator) || !("PushManager" in window)) {
            return;
        }
        const {key} = await rpc("/my/push/key");
        if (!key) {
            return;
        }
        this.key = key;
        this.worker = await navigator.serviceWorker.register("/my/push/worker.js", {
            scope: SCOPE,
        });
        this.subscription = await this.worker.pushManager.getSubscription();
        this.show();
    }

    show(problem = "") {
        const on = Boolean(this.subscription);
        this.el.classList.remove("d-none");
        this.el.querySelector("button").textContent = on
            ? _t("Switch off messages on this device")
            : _t("Show messages on this device");
        this.el.querySelector(".o_clinic_push_words").textContent = problem;
    }

    async toggle() {
        try {
            await (this.subscription ? this.off() : this.on());
        } catch {
            this.show(_t("Your browser does not allow messages of this page."));
        }
    }

    async off() {
        const endpoint = this.subscription.endpoint;
        await this.subscription.unsubscribe();
        this.subscription = null;
        await rpc("/my/push/off", {endpoint});
        this.show();
    }

    async on() {
        const subscription = await this.worker.pushManager.subscribe({
            userVisibleOnly: true,
            applicationServerKey: this.key,
        });
        const {endpoint, keys} = subscription.toJSON();
        const answer = await rpc("/my/push", {endpoint, ...keys});
        if (answer.error) {
            await subscription.unsubscribe();
            this.show(answer.error);
            return;
        }
        this.subscription = subscription;
        this.show();
    }
}

registry.category("public.interactions").add("clinic_message.push", PushButton);
