/** Icon and words for audiences and delivery states: colour is never the only mark. */

import { _t } from "@web/core/l10n/translation";

export const AUDIENCES = {
    public: {
        icon: "fa-globe",
        word: _t("Public"),
        reach: _t("Everyone can read this."),
        reply: _t("Reply publicly"),
        to: _t("Reply publicly to"),
        open: _t("Reply publicly…"),
        placeholder: _t("Write a public answer…"),
    },
    group: {
        icon: "fa-users",
        word: _t("Group"),
        reach: _t("All members of the group can read this."),
        reply: _t("Reply to the group"),
        to: _t("Reply to the group of"),
        open: _t("Reply to the group…"),
        placeholder: _t("Write to the group…"),
    },
    private: {
        icon: "fa-lock",
        word: _t("Private"),
        reach: _t("Only this person can read this."),
        reply: _t("Reply privately"),
        to: _t("Reply privately to"),
        open: _t("Reply privately…"),
        placeholder: _t("Write a private message…"),
    },
};

/** from the narrowest to the widest */
export const ORDER = ["private", "group", "public"];

export const DELIVERY = {
    draft: { icon: "fa-pencil", tone: "muted" },
    held: { icon: "fa-pause", tone: "muted" },
    queued: { icon: "fa-clock-o", tone: "muted" },
    sending: { icon: "fa-paper-plane-o", tone: "muted" },
    sent: { icon: "fa-check", tone: "muted" },
    delivered: { icon: "fa-check-circle-o", tone: "success" },
    read: { icon: "fa-eye", tone: "success" },
    undelivered: { icon: "fa-exclamation-triangle", tone: "danger" },
    failed: { icon: "fa-exclamation-triangle", tone: "danger" },
    uncertain: { icon: "fa-question-circle", tone: "warning" },
    cancelled: { icon: "fa-ban", tone: "muted" },
};

/** states of a reply that others may have read */
export const PUBLISHED = new Set(["sent", "delivered", "read", "uncertain"]);

/** states in which a person may decide, and what they may choose */
export const RETRY = new Set(["failed", "undelivered", "uncertain"]);
export const CANCEL = new Set(["draft", "held", "queued", "failed", "uncertain"]);

export const ACTIONS = {
    like: { icon: "fa-heart-o", label: _t("Like"), method: "action_like" },
    hide: { icon: "fa-eye-slash", label: _t("Hide"), method: "action_hide" },
    unhide: { icon: "fa-eye", label: _t("Show again"), method: "action_unhide" },
    edit: { icon: "fa-pencil", label: _t("Edit…") },
    delete: { icon: "fa-trash-o", label: _t("Delete on the network"), method: "action_delete" },
    handled: { icon: "fa-check", label: _t("No answer needed"), method: "action_handled" },
    fetch: { icon: "fa-refresh", label: _t("Fetch the files"), method: "action_fetch_media" },
    retry: { icon: "fa-repeat", label: _t("Send again"), method: "action_retry" },
    cancel: { icon: "fa-ban", label: _t("Do not send"), method: "action_cancel" },
    sent: { icon: "fa-check", label: _t("It is there"), method: "action_mark_sent" },
};
