/**
 * The inbox's acts and keys: one table for buttons, titles, the keyboard and its help.
 * Nothing here speaks to the server.
 */

import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";

/** What is done with messages; `key` is pressed alone. */
export const ACTS = {
    open: { key: "o", icon: "fa-ticket", label: _t("Open a ticket") },
    attach: { key: "a", icon: "fa-paperclip", label: _t("Attach to a ticket") },
    handled: { key: "h", icon: "fa-check", label: _t("Handled") },
    ignore: { key: "i", icon: "fa-eye-slash", label: _t("Ignore") },
    block: { key: "b", icon: "fa-ban", label: _t("Block the author") },
    block_there: {
        key: "B",
        icon: "fa-globe",
        label: _t("Block on the network too"),
        title: _t("Block with us, and on the network as well (Shift b)"),
    },
    unblock: { key: "b", icon: "fa-unlock", label: _t("Unblock the author") },
    wrong: { key: "w", icon: "fa-magic", label: _t("The rule was wrong") },
};

/** Getting about; the acts follow in the help. */
export const MOVES = [
    { keys: ["j", "ArrowDown"], shown: "j ↓", move: "next", label: _t("Next message") },
    { keys: ["k", "ArrowUp"], shown: "k ↑", move: "previous", label: _t("Previous message") },
    { keys: ["x"], shown: "x", move: "select", label: _t("Select") },
    { keys: ["X"], shown: "Shift x", move: "selectAll", label: _t("Select all, or none") },
    { keys: ["Enter"], shown: "Enter", move: "enter", label: _t("Read it, or go to its ticket") },
    { keys: ["z"], shown: "z", move: "undo", label: _t("Undo") },
    { keys: ["1", "2", "3"], shown: "1 2 3", move: "part", label: _t("Part of the inbox") },
    { keys: ["/"], shown: "/", move: "search", label: _t("Search") },
    { keys: ["Escape"], shown: "Esc", move: "back", label: _t("Select nothing, back to the list") },
    { keys: ["?"], shown: "?", move: "help", label: _t("These keys") },
];

const STORED = "helpdesk_social.inbox_keys_off";

/** Single keys get in the way of some ways to type and to speak: they can be off. */
export function keysOff() {
    return browser.localStorage.getItem(STORED) === "1";
}

export function setKeysOff(off) {
    if (off) {
        browser.localStorage.setItem(STORED, "1");
    } else {
        browser.localStorage.removeItem(STORED);
    }
}

/** Somebody is typing, or something else has the keyboard. */
function isElsewhere(target) {
    return Boolean(
        target?.closest?.(
            "input:not([type=checkbox]), textarea, select, [contenteditable=true], .modal, .o-dropdown--menu, .o_command_palette"
        )
    );
}

/**
 * What a key means here, if anything.
 *
 * @param {KeyboardEvent} ev
 * @returns {{ move?: string, act?: string, key?: string } | null}
 */
export function meaning(ev) {
    if (ev.ctrlKey || ev.metaKey || ev.altKey || isElsewhere(ev.target) || ev.isComposing) {
        return null;
    }
    const move = MOVES.find(({ keys }) => keys.includes(ev.key));
    if (move) {
        const always = ["Escape", "?"].includes(ev.key);
        // a button or a link that has the focus is pressed by Enter as ever
        const pressed = ev.key === "Enter" && ev.target?.closest?.("button, a");
        return (keysOff() && !always) || pressed ? null : { move: move.move, key: ev.key };
    }
    const act = Object.keys(ACTS).find((name) => ACTS[name].key === ev.key);
    return act && !keysOff() ? { act, key: ev.key } : null;
}

/** "Handled (h)" */
export function titleOf(name) {
    const { label, key, title } = ACTS[name];
    if (title && !keysOff()) {
        return String(title);
    }
    return keysOff() ? String(label) : `${label} (${key})`;
}
