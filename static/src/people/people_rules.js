/** Which messages are of one person's matter, and how people are told of. No server. */

import { _t } from "@web/core/l10n/translation";

export const ROLES = {
    opener: { icon: "fa-flag", word: _t("opened it") },
    starter: { icon: "fa-comment-o", word: _t("wrote to us") },
    bystander: { icon: "fa-eye", word: _t("joined in") },
};

/**
 * What one person said, and what we said to them.
 *
 * @param {Object} person as the server tells participants
 * @param {Object} conversations of the thread, by id
 * @returns {(message: Object) => boolean}
 */
export function concerns(person, conversations) {
    const own = new Set(
        person.conversations.filter((id) => conversations[id]?.audience === "private")
    );
    return (message) =>
        message.direction === "in"
            ? message.person_id === person.id
            : message.parent?.person_id === person.id || own.has(message.conversation_id);
}

/** @returns {(message: Object) => boolean} */
export function inConversation(id) {
    return (message) => message.conversation_id === id;
}

/** People who wrote, as far as the page knows them. */
export function writers(messages) {
    return new Set(
        messages
            .filter((one) => one.direction === "in" && !one.context && one.person_id)
            .map((one) => one.person_id)
    );
}
