/** Where the line of time is scrolled to: at its end unless the person reads above. */

import { onMounted, onPatched, useRef } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";

/** Distance to an end, in pixels, that counts as being there. */
const NEAR = 80;
/** How long a message that was jumped to stays marked. */
const FOUND_MS = 1600;

/** The scroller is the element of the ref ``scroller``. */
export function useTimelineScroll() {
    const ref = useRef("scroller");
    let wanted = null;

    function apply() {
        const { el } = ref;
        if (el && wanted) {
            el.scrollTop = wanted === "end" ? el.scrollHeight : el.scrollHeight - wanted.fromEnd;
            wanted = null;
        }
    }
    onMounted(apply);
    onPatched(apply);

    return {
        get atEnd() {
            const { el } = ref;
            return !el || el.scrollHeight - el.scrollTop - el.clientHeight < NEAR;
        },
        get atStart() {
            return ref.el.scrollTop < NEAR;
        },
        /** At the next rendering: go to the end. */
        toEnd() {
            wanted = "end";
        },
        /** At the next rendering: what is read now stays where it is. */
        hold() {
            const { el } = ref;
            wanted = { fromEnd: el.scrollHeight - el.scrollTop };
        },
        glideToEnd() {
            ref.el.scrollTo({ top: ref.el.scrollHeight, behavior: "smooth" });
        },
        jump(id) {
            const el = ref.el.querySelector(`[data-message-id="${Number(id)}"]`);
            if (el) {
                el.scrollIntoView({ block: "center", behavior: "smooth" });
                el.classList.add("o_social_found");
                browser.setTimeout(() => el.classList.remove("o_social_found"), FOUND_MS);
            }
        },
    };
}
