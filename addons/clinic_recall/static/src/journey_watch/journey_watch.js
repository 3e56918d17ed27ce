import {rpc} from "@web/core/network/rpc";
import {registry} from "@web/core/registry";
import {Interaction} from "@web/public/interaction";

const MARKS = [25, 50, 75, 100];
/** The last frames are rarely reported as played. */
const NEARLY_ALL = 97;

/** Tells the clinic how far a video was watched: begun, and each quarter once. */
export class JourneyWatch extends Interaction {
    static selector = ".o_clinic_watch";
    dynamicContent = {
        _root: {
            "t-on-play": () => this.tell(0),
            "t-on-timeupdate": this.onTime,
            "t-on-ended": this.onTime,
        },
    };

    setup() {
        this.told = -1;
    }

    start() {
        // Whoever is quick plays it before this script is there.
        if (!this.el.paused || this.el.played.length) {
            this.tell(0);
            this.onTime();
        }
    }

    /** How much of the video was played, in percent; what was jumped over was not. */
    get played() {
        const {played, duration} = this.el;
        let seconds = 0;
        for (let part = 0; part < played.length; part++) {
            seconds += played.end(part) - played.start(part);
        }
        return duration ? (seconds / duration) * 100 : 0;
    }

    onTime() {
        const played = this.played;
        const reached = MARKS.filter((mark) => played >= Math.min(mark, NEARLY_ALL));
        if (reached.length) {
            this.tell(reached.pop());
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
