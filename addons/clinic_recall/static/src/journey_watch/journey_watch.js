import {rpc} from "@web/core/network/rpc";
import {registry} from "@web/core/registry";
import {Interaction} from "@web/public/interaction";

const MARKS = [25, 50, 75, 100];

/** Tells the clinic how far a video was watched: opened, and each quarter once. */
export class JourneyWatch extends Interaction {
    static selector = ".o_clinic_watch";
    dynamicContent = {
        _root: {
            "t-on-timeupdate": this.onTime,
            "t-on-ended": () => this.tell(100),
        },
    };

    setup() {
        this.told = -1;
    }

    start() {
        this.tell(0);
    }

    onTime() {
        const part = (this.el.currentTime / this.el.duration) * 100;
        const reached = MARKS.filter((mark) => part >= mark && mark < 100).pop();
        if (reached) {
            this.tell(reached);
        }
    }

    tell(percent) {
        if (percent > this.told) {
            this.told = percent;
            // A page that cannot tell plays on all the same.
            rpc(this.el.dataset.seen, {percent}, {silent: true}).catch(() => {});
        }
    }
}

registry.category("public.interactions").add("clinic_recall.watch", JourneyWatch);
