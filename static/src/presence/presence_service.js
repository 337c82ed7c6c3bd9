/**
 * Who else has a ticket open, and who is writing. Told from screen to screen; what is
 * not repeated is forgotten. Never a word of what is written.
 */

import { reactive } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";

/** How often a screen says that it is still there, and when it is forgotten. */
export const HEARTBEAT_MS = 30000;
export const FORGET_MS = 75000;
/** Somebody who has not typed for this long is not writing. */
export const IDLE_MS = 12000;

export const socialPresenceService = {
    dependencies: ["bus_service", "orm"],
    start(env, { bus_service: bus, orm }) {
        const rooms = new Map(); // ticket id -> room

        function tell(ticketId, doing, hello = false) {
            return orm.silent
                .call("helpdesk.ticket", "social_presence", [[ticketId], doing, hello])
                .catch(() => {}); // a comfort: nobody misses it
        }

        function forgetOld(room) {
            const before = Date.now() - FORGET_MS;
            for (const one of Object.values(room.people)) {
                if (one.at < before) {
                    delete room.people[one.id];
                }
            }
        }

        function stopped(ticketId) {
            const room = rooms.get(ticketId);
            if (room?.doing === "writing") {
                browser.clearTimeout(room.idle);
                room.doing = "looking";
                tell(ticketId, "looking");
            }
        }

        bus.subscribe("helpdesk_social/presence", (told) => {
            const room = rooms.get(told.ticket_id);
            if (!room || told.user_id === user.userId) {
                return;
            }
            if (told.doing === "away") {
                delete room.people[told.user_id];
            } else {
                room.people[told.user_id] = {
                    id: told.user_id,
                    name: told.name,
                    doing: told.doing,
                    at: Date.now(),
                };
            }
            if (told.hello) {
                // not all at once
                browser.setTimeout(() => {
                    if (rooms.get(told.ticket_id) === room) {
                        tell(told.ticket_id, room.doing);
                    }
                }, Math.random() * 400);
            }
        });

        return {
            /** @returns {{people: Object, leave: Function}} who else is there, live */
            join(ticketId) {
                let room = rooms.get(ticketId);
                if (!room) {
                    room = { people: reactive({}), doing: "looking", guests: 0 };
                    rooms.set(ticketId, room);
                    bus.addChannel(`helpdesk_social_ticket:${ticketId}`);
                    room.timer = browser.setInterval(() => {
                        forgetOld(room);
                        tell(ticketId, room.doing);
                    }, HEARTBEAT_MS);
                    tell(ticketId, "looking", true);
                }
                room.guests++;
                return {
                    people: room.people,
                    leave() {
                        room.guests--;
                        if (room.guests) {
                            return;
                        }
                        browser.clearInterval(room.timer);
                        browser.clearTimeout(room.idle);
                        rooms.delete(ticketId);
                        bus.deleteChannel(`helpdesk_social_ticket:${ticketId}`);
                        tell(ticketId, "away");
                    },
                };
            },
            /** A key was pressed in this ticket's composer. */
            wrote(ticketId) {
                const room = rooms.get(ticketId);
                if (!room) {
                    return;
                }
                browser.clearTimeout(room.idle);
                room.idle = browser.setTimeout(() => stopped(ticketId), IDLE_MS);
                if (room.doing !== "writing") {
                    room.doing = "writing";
                    tell(ticketId, "writing");
                }
            },
            stopped,
        };
    },
};

registry.category("services").add("helpdesk_social_presence", socialPresenceService);
