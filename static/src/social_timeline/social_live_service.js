/**
 * Hears which tickets and messages changed, and tells the page that shows one, and the
 * inbox. The notice holds ids only; each then asks for what its person may read.
 */

import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";

/** A burst of notices becomes one question. */
export const COALESCE_MS = 250;

export const socialLiveService = {
    dependencies: ["bus_service"],
    start(env, { bus_service: bus }) {
        const listeners = new Map(); // ticket id -> Set of { callback, ids, timer }
        const everywhere = new Set(); // of the same: messages without a ticket as well

        bus.subscribe("helpdesk_social/changed", ({ ticket_ids, message_ids }) => {
            for (const listener of everywhere) {
                tell(listener, message_ids);
            }
            for (const ticketId of ticket_ids) {
                for (const listener of listeners.get(ticketId) || []) {
                    tell(listener, message_ids);
                }
            }
        });

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

        return {
            /**
             * Of every message, whatever it belongs to.
             *
             * @param {(ids: number[] | false) => void} callback
             * @returns {() => void} stops listening
             */
            listenAll(callback) {
                const listener = { callback, ids: new Set(), timer: undefined };
                everywhere.add(listener);
                return () => {
                    browser.clearTimeout(listener.timer);
                    everywhere.delete(listener);
                };
            },
            /**
             * @param {number} ticketId
             * @param {(ids: number[] | false) => void} callback
             * @returns {() => void} stops listening
             */
            listen(ticketId, callback) {
                const listener = { callback, ids: new Set(), timer: undefined };
                if (!listeners.has(ticketId)) {
                    listeners.set(ticketId, new Set());
                }
                listeners.get(ticketId).add(listener);
                return () => {
                    browser.clearTimeout(listener.timer);
                    const others = listeners.get(ticketId);
                    others?.delete(listener);
                    if (!others?.size) {
                        listeners.delete(ticketId);
                    }
                };
            },
        };
    },
};

registry.category("services").add("helpdesk_social_live", socialLiveService);
