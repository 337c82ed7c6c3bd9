/** When a screen looks again: soon, and less often while news do not stop. */

import { onWillUnmount, status, useComponent } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";

/** Between two looks: as quick as an eye wants it, slower while it does not stop. */
export const SOON_MS = 1000;
export const MOST_MS = 15000;
/** Quiet time after which it is quick again. */
const QUIET_MS = 30000;

/**
 * @param {() => Promise} look asks the server
 * @param {() => boolean} [isBusy] not now: nobody looks, or somebody edits
 * @returns {() => void} to be called when something changed
 */
export function usePace(look, isBusy = () => false) {
    const component = useComponent();
    let timer, wait, last;

    async function turn() {
        timer = undefined;
        if (status(component) !== "mounted") {
            return;
        }
        if (document.hidden || isBusy()) {
            timer = browser.setTimeout(turn, SOON_MS);
            return;
        }
        await look(() => status(component) === "mounted");
    }

    onWillUnmount(() => browser.clearTimeout(timer));
    return () => {
        const now = Date.now();
        wait = last && now - last < QUIET_MS ? Math.min(wait * 1.5, MOST_MS) : SOON_MS;
        if (timer === undefined) {
            last = now;
            timer = browser.setTimeout(turn, wait);
        }
    };
}
