/**
 * Who else has a ticket open, and who is writing. Told from screen to screen; what is
 * not repeated is forgotten. Never a word of what is written.
 */

import { reactive } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";

/** Who only leafs through tickets is not announced. */
export const STAY_MS = 4000;
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

        /** The first word: the others are asked to tell of themselves. */
        function arrive(room, ticketId, doing = "looking") {
            browser.clearTimeout(room.stay);
            room.doing = doing;
            tell(ticketId, doing, true);
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
                    if (rooms.get(told.ticket_id) === room && room.doing) {
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
                    room = { people: reactive({}), doing: "", guests: 0 };
                    rooms.set(ticketId, room);
                    bus.addChannel(`helpdesk_social_ticket:${ticketId}`);
                    room.timer = browser.setInterval(() => {
                        forgetOld(room);
                        tell(ticketId, room.doing);
                    }, HEARTBEAT_MS);
                    room.stay = browser.setTimeout(() => arrive(room, ticketId), STAY_MS);
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
                        browser.clearTimeout(room.stay);
                        rooms.delete(ticketId);
                        bus.deleteChannel(`helpdesk_social_ticket:${ticketId}`);
                        if (room.doing) {
                            tell(ticketId, "away");
                        }
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
                if (!room.doing) {
                    arrive(room, ticketId, "writing");
                } else if (room.doing !== "writing") {
                    room.doing = "writing";
                    tell(ticketId, "writing");
                }
            },
            stopped,
        };
    },
};

registry.category("services").add("helpdesk_social_presence", socialPresenceService);
