import { Component, onWillUnmount, useEffect, useState } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

import { SocialAvatar, SocialNetworkIcon } from "../social_timeline/social_avatar";
import { full, span } from "../social_timeline/social_time";
import { AUDIENCES } from "../social_timeline/social_words";
import { concerns, inConversation, ROLES, writers } from "./people_rules";

/** people on the folded strip; the rest is counted */
const CHIPS = 4;
/** quiet time before people are counted anew: messages come in bursts */
const AGAIN_MS = 800;
/** pages that are fetched for somebody whose messages are further up */
const PAGES = 4;

/**
 * Who takes part: a line of names, and on request all that is known of each, with what
 * can be done. Stands there only where more than one person speaks.
 */
export class SocialPeople extends Component {
    static template = "helpdesk_social.People";
    static components = { SocialAvatar, SocialNetworkIcon };
    static props = { timeline: Object };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.audiences = AUDIENCES;
        this.roles = ROLES;
        this.full = full;
        this.span = span;
        this.state = useState({ open: false, error: "", busy: 0, more: [] });
        useEffect(
            (ticketId) => {
                Object.assign(this.state, { open: false, error: "", busy: 0, more: [] });
                this.asOf = undefined;
                this.wait = browser.clearTimeout(this.wait);
            },
            () => [this.props.timeline.ticketId]
        );
        useEffect(
            (signature) => {
                // what the page opened with is known; only what comes later is asked for
                if (this.asOf !== undefined && signature !== this.asOf) {
                    browser.clearTimeout(this.wait);
                    this.wait = browser.setTimeout(() => this.ask(), AGAIN_MS);
                }
                this.asOf = this.known ? signature : this.asOf ?? "";
                if (!this.known) {
                    this.ask();
                }
            },
            () => [this.signature]
        );
        onWillUnmount(() => browser.clearTimeout(this.wait));
    }

    get thread() {
        return this.props.timeline.thread;
    }

    get known() {
        return this.thread.participants;
    }

    /** Changes when somebody wrote, or waits no more. */
    get signature() {
        const { messages, waiting } = this.thread;
        const last = messages.findLast((one) => one.direction === "in");
        return `${waiting}|${last?.id}|${writers(messages).size}`;
    }

    get people() {
        const seen = new Set();
        const known = this.known?.total > 1 ? this.known.people : [];
        return [...known, ...this.state.more].filter(
            (one) => !seen.has(one.id) && seen.add(one.id)
        );
    }

    get chips() {
        return this.people.slice(0, CHIPS);
    }

    get words() {
        const { total, waiting } = this.known ?? { total: 0, waiting: 0 };
        return waiting
            ? waiting === 1
                ? _t("%s people, one waits for us", total)
                : _t("%(total)s people, %(waiting)s wait for us", { total, waiting })
            : _t("%s people", total);
    }

    label(person) {
        return this.thread.people[person.id] ?? { name: _t("Somebody"), handle: "", avatar: "" };
    }

    networks(person) {
        const found = new Map();
        for (const id of person.accounts) {
            const network = this.thread.accounts[id]?.network;
            if (network) {
                found.set(network.id, network);
            }
        }
        return [...found.values()];
    }

    threadIcon(id) {
        return AUDIENCES[this.thread.conversations[id]?.audience]?.icon ?? "fa-comments-o";
    }

    // --- asking ---------------------------------------------------------------------
    async ask(offset = 0) {
        const { ticketId } = this.props.timeline;
        const found = await this.orm.silent.call("helpdesk.ticket", "social_people", [
            [ticketId],
            offset,
        ]);
        if (ticketId !== this.props.timeline.ticketId) {
            return;
        }
        Object.assign(this.thread.people, found.labels);
        if (offset) {
            this.state.more.push(...found.people);
        } else {
            this.state.more = [];
            this.thread.participants = found;
        }
        this.asOf = this.signature;
        this.render();
    }

    // --- only theirs ----------------------------------------------------------------
    get filtered() {
        return this.props.timeline.state.only?.of;
    }

    isOn(person) {
        return this.filtered === `p${person.id}`;
    }

    async showOnly(person, conversationId) {
        const key = conversationId ? `c${conversationId}` : `p${person.id}`;
        const { timeline } = this.props;
        if (this.filtered === key) {
            return this.showAll();
        }
        const only = conversationId
            ? inConversation(conversationId)
            : concerns(person, this.thread.conversations);
        only.of = key;
        only.words = conversationId
            ? _t("Only one conversation of %s", this.label(person).name)
            : _t("Only %s", this.label(person).name);
        timeline.state.only = only;
        for (let page = 0; page < PAGES && timeline.state.only === only; page++) {
            if (this.thread.messages.some(only) || !this.thread.hasMore) {
                break;
            }
            await timeline.loadMore();
        }
    }

    showAll() {
        this.props.timeline.state.only = null;
    }

    // --- doing ----------------------------------------------------------------------
    answer(person) {
        return this.props.timeline.reply({ id: person.message_id }, person.audience);
    }

    split(person) {
        const who = this.label(person);
        this.dialog.add(ConfirmationDialog, {
            title: _t("A ticket of its own?"),
            body: _t(
                "%s goes to a new ticket: the conversations this person began, what was said below their words in those of others, and the private conversation. It can be taken back.",
                who.name
            ),
            confirmLabel: _t("Split off"),
            confirm: () => this.splitNow(person),
            cancel: () => {},
        });
    }

    async splitNow(person) {
        const { timeline } = this.props;
        this.state.busy = person.id;
        this.state.error = "";
        try {
            await this.orm.call("helpdesk.ticket", "social_split", [
                [timeline.ticketId],
                person.id,
            ]);
            this.showAll();
            await timeline.heard(false);
            await this.ask();
        } catch (error) {
            this.state.error =
                error.data?.message || _t("That did not work. Please try again.");
        } finally {
            this.state.busy = 0;
        }
    }

    openPartner(partner) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: partner.id,
            views: [[false, "form"]],
        });
    }
}

/** What was split off or merged, with the way there and back. */
export class SocialMoves extends Component {
    static template = "helpdesk_social.Moves";
    static props = { timeline: Object };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.full = full;
        this.state = useState({ error: "", busy: false, all: false });
    }

    get moves() {
        const { moves } = this.props.timeline.desk;
        return this.state.all ? moves : moves.slice(0, 2);
    }

    get more() {
        return this.props.timeline.desk.moves.length - this.moves.length;
    }

    words(move) {
        const { number, person } = move;
        if (move.kind === "split") {
            return move.here
                ? _t("%(person)s was split off from %(number)s", { person, number })
                : _t("%(person)s was split off into %(number)s", { person, number });
        }
        return move.here
            ? _t("%s was merged into this", number)
            : _t("This was merged into %s", number);
    }

    open(move) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "helpdesk.ticket",
            res_id: move.ticket_id,
            views: [[false, "form"]],
        });
    }

    async takeBack(move) {
        const { timeline } = this.props;
        this.state.busy = true;
        this.state.error = "";
        try {
            await this.orm.call("helpdesk.ticket", "social_take_back_move", [
                [timeline.ticketId],
                move.id,
            ]);
            await timeline.refresh(false);
        } catch (error) {
            this.state.error =
                error.data?.message || _t("That did not work. Please try again.");
        } finally {
            this.state.busy = false;
        }
    }
}

const asides = registry.category("helpdesk_social.timeline_aside");
asides.add(
    "moves",
    { Component: SocialMoves, isShown: ({ desk }) => Boolean(desk.moves?.length) },
    { sequence: 20 }
);
asides.add(
    "people",
    {
        Component: SocialPeople,
        isShown: ({ ticketId, thread }) =>
            Boolean(ticketId) &&
            (thread.participants
                ? thread.participants.total > 1 || writers(thread.messages).size > 1
                : thread.hasMore || writers(thread.messages).size > 1),
    },
    { sequence: 30 }
);

registry.category("helpdesk_social.message_acts").add("split_off", {
    icon: "fa-code-fork",
    label: _t("Split off into a ticket of its own"),
    isShown: (message, thread) =>
        message.direction === "in" &&
        !message.context &&
        (thread.messages.length > 1 || thread.hasMore),
    async run({ message, timeline }) {
        await timeline.orm.call("helpdesk.ticket", "social_split", [[timeline.ticketId]], {
            message_ids: [message.id],
        });
        await timeline.heard(false);
    },
});
