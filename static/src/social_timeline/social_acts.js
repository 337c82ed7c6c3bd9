/** What is done with one message besides answering, and what is asked before it. */

import { useState } from "@odoo/owl";

import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { SocialEditDialog } from "../edit_own/edit_dialog";
import { ACTIONS } from "./social_words";

/** What cannot be taken back is asked about first. */
function question(message, name) {
    if (name === "delete") {
        return {
            title: _t("Delete on the network?"),
            body: _t("It disappears for everybody there. This cannot be undone."),
            confirmLabel: _t("Delete"),
        };
    }
    if (name === "retry" && message.delivery?.state === "uncertain") {
        return {
            title: _t("Send again?"),
            body: _t(
                "Nobody knows whether it was published. Look on the network first: if it is there, the person gets it twice."
            ),
            confirmLabel: _t("Send again"),
        };
    }
    return null;
}

/**
 * @param {(ids: number[]) => Promise<void>} refresh shows what has changed
 */
export function useSocialActs(refresh) {
    const orm = useService("orm");
    const dialog = useService("dialog");
    const state = useState({ busy: {}, errors: {} });

    async function perform(message, name) {
        if (state.busy[message.id]) {
            return false;
        }
        state.busy[message.id] = true;
        state.errors[message.id] = "";
        try {
            await orm.call("helpdesk.social.message", ACTIONS[name].method, [[message.id]]);
            await refresh([message.id]);
            return true;
        } catch (error) {
            state.errors[message.id] =
                error.data?.message || _t("That did not work. Please try again.");
            return false;
        } finally {
            delete state.busy[message.id];
        }
    }

    /** Our own words are changed in a dialog, which asks and tells by itself. */
    function edit(message) {
        return new Promise((resolve) => {
            let done = false;
            dialog.add(
                SocialEditDialog,
                {
                    message,
                    onDone: () => {
                        done = true;
                        return refresh([message.id]);
                    },
                },
                { onClose: () => resolve(done) }
            );
        });
    }

    return {
        state,
        perform,
        /** @returns {Promise<boolean>} whether it was done */
        act(message, name) {
            if (name === "edit") {
                return edit(message);
            }
            const words = question(message, name);
            if (!words) {
                return perform(message, name);
            }
            return new Promise((resolve) => {
                dialog.add(ConfirmationDialog, {
                    ...words,
                    confirm: () => perform(message, name).then(resolve),
                    cancel: () => resolve(false),
                });
            });
        },
        fail(message, words) {
            state.errors[message.id] = words;
        },
        forget() {
            state.errors = {};
        },
    };
}
