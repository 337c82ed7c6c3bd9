/**
 * Lets a reply go when its time to undo is over, also when its page was left meanwhile.
 * Where no browser is left to do it, a scheduled action does.
 */

import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";

export const socialUndoService = {
    dependencies: ["orm"],
    start(env, { orm }) {
        return {
            /**
             * @param {number[]} ids first parts of replies
             * @param {number} seconds until they may leave
             */
            wait(ids, seconds) {
                browser.setTimeout(async () => {
                    try {
                        await orm.silent.call("helpdesk.social.message", "action_send_now", [ids]);
                    } catch {
                        // taken back, or the scheduled action lets it go
                    }
                }, seconds * 1000);
            },
        };
    },
};

registry.category("services").add("helpdesk_social_undo", socialUndoService);
