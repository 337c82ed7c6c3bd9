/**
 * Hears which tickets, messages and contacts changed, and tells the screens that show
 * them. A notice holds ids only; each screen then asks for what its person may read.
 *
 * Helpdesk users hear of everything. Everybody else hears of what all colleagues of the
 * company may read, and only while such a screen is open: the channel is asked for by
 * one word, and the server decides what it stands for.
 */

import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";

/** A burst of notices becomes one question. */
export const COALESCE_MS = 250;
/** Who leafs through contacts does not hang up and call again each time. */
export const LINGER_MS = 30000;
export const CHANNEL = "helpdesk_social_live";
const DESK = "helpdesk_social/changed";
const COLLEAGUES = ["helpdesk_social/public", "helpdesk_social/private"];

const has = (ids, id) => ids === false || Boolean(ids?.includes(id));

export const socialLiveService = {
    dependencies: ["bus_service"],
    start(env, { bus_service: bus }) {
        /** of { isAbout, callback, ids, timer } */
        const listeners = new Set();
        let joined = false;
        let leaving;

        bus.subscribe(DESK, (notice) => spread({ ...notice, desk: true }));
        for (const type of COLLEAGUES) {
            bus.subscribe(type, spread);
        }

        function spread(notice) {
            for (const listener of [...listeners]) {
                if (listener.isAbout(notice)) {
                    tell(listener, notice.message_ids);
                }
            }
        }

        function tell(listener, ids) {
            // false means: too many to name, look at everything again
            listener.ids = ids && listener.ids ? new Set([...listener.ids, ...ids]) : false;
            listener.timer ??= browser.setTimeout(() => {
                const told = listener.ids && [...listener.ids];
                listener.ids = new Set();
                listener.timer = undefined;
                listener.callback(told);
            }, COALESCE_MS);
        }

        function join() {
            browser.clearTimeout(leaving);
            if (!joined) {
                joined = true;
                bus.addChannel(CHANNEL);
            }
        }

        function leave() {
            if (listeners.size) {
                return;
            }
            browser.clearTimeout(leaving);
            leaving = browser.setTimeout(() => {
                joined = false;
                bus.deleteChannel(CHANNEL);
            }, LINGER_MS);
        }

        function add(isAbout, callback) {
            const listener = { isAbout, callback, ids: new Set(), timer: undefined };
            listeners.add(listener);
            join();
            return () => {
                browser.clearTimeout(listener.timer);
                if (listeners.delete(listener)) {
                    leave();
                }
            };
        }

        return {
            /**
             * Of every message, whatever it belongs to.
             *
             * @param {(ids: number[] | false) => void} callback
             * @returns {() => void} stops listening
             */
            listenAll: (callback) => add(() => true, callback),
            /**
             * @param {number} ticketId
             * @param {(ids: number[] | false) => void} callback no ids: the ticket itself,
             *      or somebody who takes part in it
             * @returns {() => void} stops listening
             */
            listen: (ticketId, callback) =>
                add(({ ticket_ids }) => has(ticket_ids, ticketId), callback),
            /**
             * Of what histories, identities and complaints of contacts show. Who works in
             * the helpdesk is not told which contact something private was about, and
             * so hears of everything.
             *
             * @param {() => (number[] | false)} getIds contacts on the screen; false: any
             * @param {() => void} callback
             * @returns {() => void} stops listening
             */
            listenContacts: (getIds, callback) =>
                add(({ desk, partner_ids }) => {
                    if (desk || partner_ids === false) {
                        return true;
                    }
                    if (!partner_ids?.length) {
                        return false;
                    }
                    const shown = getIds();
                    return !shown || shown.some((id) => partner_ids.includes(id));
                }, callback),
        };
    },
};

registry.category("services").add("helpdesk_social_live", socialLiveService);
