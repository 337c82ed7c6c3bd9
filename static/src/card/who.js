/**
 * Who the person is that one answers: a suggestion to decide on with one click, until
 * when they are verified, and on request what else is known of them.
 */

import { Component, onMounted, onWillUnmount, useEffect, useRef, useState } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

import { usePace } from "../live/live_pace";
import { isPast } from "../social_timeline/social_time";
import { answered } from "./who_store";

const { DateTime } = luxon;
/** Whether the card stands open is remembered in this browser. */
const KEY = "helpdesk_social.card";
/** Of the page in pixels: less leaves too little for what was said. */
const WIDE = 820;

/** "20 Feb 2027" */
export function day(value) {
    return value ? deserializeDateTime(value).toLocaleString(DateTime.DATE_MED) : "";
}

/** A proof that has ended proves nothing, also on a page that nobody has reloaded. */
export function isVerified(who) {
    return Boolean(who?.verified_until) && !isPast(who.verified_until);
}

export class SocialWho extends Component {
    static template = "helpdesk_social.Who";
    static props = { timeline: Object };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.day = day;
        this.isVerified = isVerified;
        this.answered = useState(answered);
        this.state = useState({
            open: browser.localStorage.getItem(KEY) === "1",
            card: null,
            busy: false,
            error: "",
        });
        this.stretch();
        // other tickets of theirs come and go without this one being told
        const heard = usePace(() => this.state.open && this.ask());
        onWillUnmount(useService("helpdesk_social_live").listenAll(() => this.state.open && heard()));
        useEffect(
            () => {
                if (this.asked !== this.personId) {
                    this.state.card = null;
                    this.asked = this.personId;
                }
                this.state.error = "";
                if (this.state.open) {
                    this.ask();
                }
            },
            () => [this.props.timeline.ticketId, this.personId, this.state.open, this.who]
        );
    }

    /** Beside the messages where the page is wide, above them where it is not. */
    stretch() {
        const root = useRef("root");
        let page = null;
        const observer = new ResizeObserver(() =>
            page?.classList.toggle("o_social_wide", page.clientWidth >= WIDE)
        );
        onMounted(() => {
            page = root.el?.closest(".o_social");
            if (page) {
                observer.observe(page);
            }
        });
        onWillUnmount(() => observer.disconnect());
    }

    get personId() {
        const { timeline } = this.props;
        const known = timeline.desk.who ?? {};
        const chosen = this.answered[timeline.ticketId];
        if (chosen && known[chosen]) {
            return chosen;
        }
        // nobody is being answered: the newest of those who can be
        const option = timeline.state.options.find((one) => known[one.person_id]);
        return option?.person_id ?? Number(Object.keys(known)[0]);
    }

    get who() {
        return this.props.timeline.desk.who?.[this.personId] ?? {};
    }

    get person() {
        return this.props.timeline.thread.people[this.personId] ?? { name: _t("Somebody") };
    }

    get suggestionWords() {
        const { name, reason, confidence_words: sure } = this.who.suggestion;
        if (!name) {
            return reason;
        }
        return sure
            ? _t("This may be %(name)s: %(reason)s (%(sure)s)", {
                  name,
                  reason,
                  sure: sure.toLowerCase(),
              })
            : _t("This may be %(name)s: %(reason)s", { name, reason });
    }

    get undoWords() {
        const { answer, name } = this.who.undo;
        return answer === "accepted"
            ? _t("Linked to %s.", name)
            : name
              ? _t("Not %s: never suggested again.", name)
              : _t("Not suggested again.");
    }

    async ask() {
        const { personId } = this;
        const { ticketId } = this.props.timeline;
        try {
            const card = await this.orm.silent.call("helpdesk.ticket", "social_card", [
                [ticketId],
                personId,
            ]);
            if (personId === this.personId && ticketId === this.props.timeline.ticketId) {
                this.state.card = card;
            }
        } catch (error) {
            this.state.error = error.data?.message || _t("That did not work. Please try again.");
        }
    }

    toggle() {
        this.state.open = !this.state.open;
        browser.localStorage.setItem(KEY, this.state.open ? "1" : "0");
    }

    async decide(method) {
        const { timeline } = this.props;
        this.state.busy = true;
        this.state.error = "";
        try {
            await this.orm.call("helpdesk.social.identity", method, [[this.personId]]);
            await timeline.refresh(false);
        } catch (error) {
            this.state.error = error.data?.message || _t("That did not work. Please try again.");
        } finally {
            this.state.busy = false;
        }
    }

    choose() {
        this.action.doAction(
            {
                type: "ir.actions.act_window",
                name: _t("Who is this?"),
                res_model: "helpdesk.social.link",
                views: [[false, "form"]],
                target: "new",
                context: { default_identity_id: this.personId },
            },
            { onClose: () => this.props.timeline.refresh(false) }
        );
    }

    openRecord(model, id) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }
}

registry.category("helpdesk_social.timeline_aside").add(
    "who",
    {
        Component: SocialWho,
        isShown: ({ desk }) => Boolean(desk?.who && Object.keys(desk.who).length),
    },
    { sequence: 20 }
);
