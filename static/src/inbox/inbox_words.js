/** Parts of the inbox, and what was done, in words. */

import { _t } from "@web/core/l10n/translation";

export const PARTS = [
    {
        name: "waiting",
        label: _t("Waiting for us"),
        title: _t("Neither answered nor handled; the most urgent first"),
        empty: _t("Everybody has an answer"),
        hint: _t("What people write to us waits here until somebody answers or handles it."),
    },
    {
        name: "loose",
        label: _t("Without ticket"),
        title: _t("Thanks, chatter, bots and what a rule kept out: no ticket was opened"),
        empty: _t("Nothing is left over"),
        hint: _t("What opened no ticket is kept here until somebody has looked at it."),
    },
    {
        name: "aside",
        label: _t("Put aside"),
        title: _t("Handled without an answer, ignored or blocked in the last two weeks"),
        empty: _t("Nothing was put aside lately"),
        hint: _t("What was handled without an answer, ignored or blocked stays in sight for two weeks."),
    },
];

/** Parts that messages leave by an act. */
export function partsLeft(act) {
    return (
        {
            open: ["loose", "aside"],
            attach: ["loose", "aside"],
            handled: ["waiting", "loose"],
            ignore: ["waiting", "loose"],
            block: ["waiting", "loose"],
            block_there: ["waiting", "loose"],
            wrong: [],
            unblock: [],
        }[act] ?? []
    );
}

/** Why a key does nothing for these messages, in a few words. */
export function whyNot(act, rows) {
    if (!rows.length) {
        return _t("No message is chosen.");
    }
    if (["open", "attach"].includes(act)) {
        if (rows.some((row) => row.ticket)) {
            return rows.length === 1
                ? _t("It is on ticket %s already: Enter goes there.", rows[0].ticket.number)
                : _t("They are on tickets already.");
        }
        return rows.some((row) => row.hidden_ticket)
            ? _t("It is on a ticket that is not yours to see.")
            : _t("It was deleted: there is nothing to put on a ticket.");
    }
    return {
        handled: _t("It does not wait for us any more."),
        ignore: _t("It does not wait for us any more."),
        block: _t("It is not known who wrote it: there is nobody to block."),
        block_there: _t("The network offers no blocking here, or the author is blocked already."),
        wrong: _t("No rule decided about it, or you have said so already."),
    }[act];
}

/** What an act did, for the notice that offers to undo it. */
export function doneWords(act, { done, left, tickets, there, not_there }) {
    const count = done.length;
    if (!count) {
        return _t("There was nothing to do: a colleague was quicker.");
    }
    const one = count === 1;
    const words = {
        open: () =>
            tickets.length === 1
                ? _t("Ticket %s opened", tickets[0].number)
                : _t("%s tickets opened", tickets.length),
        attach: () => _t("Attached to ticket %s", tickets[0]?.number ?? ""),
        handled: () => (one ? _t("1 message handled") : _t("%s messages handled", count)),
        ignore: () => (one ? _t("1 message ignored") : _t("%s messages ignored", count)),
        block: () =>
            one
                ? _t("Author blocked: new messages open no ticket and do not wait")
                : _t("Authors of %s messages blocked", count),
        // what the network refuses at once is told beside what was done with us
        block_there: () =>
            [
                there
                    ? _t("Blocked with us; the network is told now")
                    : _t("Blocked with us, not on the network"),
                ...not_there,
            ].join(" · "),
        unblock: () => _t("Author unblocked"),
        wrong: () => _t("Noted. The message is treated as if there was no rule."),
    }[act]();
    return left ? `${words} · ${_t("%s left as they are", left)}` : words;
}
