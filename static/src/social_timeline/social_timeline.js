import { Component, onWillDestroy, toRaw, useEffect, useState } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { useSocialActs } from "./social_acts";
import { SocialComposer } from "./social_composer";
import { useFit } from "./social_fit";
import { SocialMessage } from "./social_message";
import { SocialPermalinkDialog } from "./social_permalink_dialog";
import { useTimelineScroll } from "./social_scroll";
import { asProp, messageActs, seam } from "./social_seams";
import { SocialThread } from "./social_thread";
import { dayKey, dayLabel, full } from "./social_time";

/** How often windows and ages are shown anew. */
const TICK_MS = 30000;
const NO_COMPOSER = { options: [], default: false, drafts: [], seen: {}, desk: {} };

/** Would the one who is answered be lost, or changed for somebody else? */
function isMissing({ option, newest }, options) {
    if (option.audience === "private" && !option.narrower) {
        // one person: the newest message is the one to answer
        return false;
    }
    const heir = options.find(
        (one) =>
            one.audience === option.audience &&
            one.conversation_id === option.conversation_id &&
            one.draft_person_id === option.draft_person_id &&
            one.message_id > newest
    );
    return !heir && !options.some((one) => one.id === option.id);
}

/**
 * The ticket's Social page: one line of time for all its threads, and the composer.
 *
 * What it opens with comes with the record (``social_page``), so that the form asks
 * once; what happens later is asked for by itself.
 */
export class SocialTimeline extends Component {
    static template = "helpdesk_social.Timeline";
    static components = { SocialComposer, SocialMessage };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.live = useService("helpdesk_social_live");
        this.undo = useService("helpdesk_social_undo");
        this.scroll = useTimelineScroll();
        this.acts = useSocialActs((ids) => this.refresh(ids));
        this.full = full;
        this.fit = useFit();
        this.state = useState({
            thread: new SocialThread(),
            ...NO_COMPOSER,
            problem: "",
            loadingMore: false,
            fresh: new Set(),
            unseen: 0,
            request: null,
            notes: null,
            tick: 0,
            /** shows only some messages: a function, or nothing */
            only: null,
        });
        useRecordObserver((record) => this.follow(record.resId, toRaw(record.data.social_page)));
        useEffect(
            (ticketId) => (ticketId ? this.live.listen(ticketId, (ids) => this.heard(ids)) : undefined),
            () => [this.props.record.resId]
        );
        const timer = browser.setInterval(() => this.state.tick++, TICK_MS);
        onWillDestroy(() => browser.clearInterval(timer));
    }

    get ticketId() {
        return this.props.record.resId;
    }

    get thread() {
        return this.state.thread;
    }

    // --- loading --------------------------------------------------------------------
    /** The record was opened, saved or read again. */
    follow(ticketId, page) {
        if (ticketId !== this.openedId) {
            this.open(ticketId, page);
        } else if (page?.problem) {
            this.state.problem = page.problem;
        } else if (page && page !== this.page && page.timeline.now >= this.asOf) {
            this.state.problem = "";
            this.page = page;
            this.learn(page, page.timeline.messages.map((message) => message.id));
        }
    }

    open(ticketId, page) {
        this.openedId = ticketId;
        this.answered = null;
        this.turn = (this.turn || 0) + 1;
        this.page = page;
        this.acts.forget();
        Object.assign(this.state, {
            thread: new SocialThread(),
            ...NO_COMPOSER,
            unseen: 0,
            fresh: new Set(),
            request: null,
            notes: null,
            only: null,
        });
        this.asOf = "";
        this.state.problem = page?.problem || "";
        if (page && !page.problem) {
            this.asOf = page.timeline.now;
            this.thread.load(page.timeline);
            Object.assign(this.state, page.composer);
        }
        this.scroll.toEnd();
        this.fit.opened(this.thread.messages.length > 0);
    }

    async loadMore() {
        if (this.state.loadingMore || !this.thread.hasMore) {
            return;
        }
        const ticketId = this.openedId;
        this.state.loadingMore = true;
        try {
            const payload = await this.orm.silent.call(
                "helpdesk.ticket",
                "social_timeline",
                [[ticketId]],
                { before: this.thread.before }
            );
            if (ticketId === this.openedId) {
                this.scroll.hold();
                this.thread.prepend(payload);
            }
        } finally {
            this.state.loadingMore = false;
        }
    }

    /** Something changed on the server; ``false`` means: more than can be named, no ids:
     *  the ticket or somebody on it. */
    async heard(news) {
        const ticketId = this.openedId;
        // no message: who somebody is, or the ticket; names stand beside all that is shown
        const ids = news && !news.length ? this.thread.ids : news;
        const changes = await this.orm.silent.call("helpdesk.ticket", "social_changes", [
            [ticketId],
            ids,
        ]);
        if (ticketId !== this.openedId) {
            return;
        }
        if (ids) {
            this.learn(changes, ids);
        } else {
            const { atEnd } = this.scroll;
            this.asOf = changes.timeline.now;
            this.thread.load(changes.timeline);
            this.offer(changes.composer);
            if (atEnd) {
                this.scroll.toEnd();
            }
        }
    }

    /** @param {number[]} ids what was asked for: what did not come back has left */
    learn({ timeline, composer }, ids) {
        const { atEnd } = this.scroll;
        this.asOf = timeline.now;
        const fresh = this.thread.update(timeline, ids);
        this.state.fresh = new Set(fresh);
        if (atEnd) {
            this.scroll.toEnd();
        } else {
            this.state.unseen += fresh.filter(
                (id) => this.thread.message(id).direction === "in"
            ).length;
        }
        this.offer(composer);
    }

    /** What is being answered, told by the composer. */
    answering(option) {
        this.answered = option && { option, newest: this.thread.newestId };
    }

    /**
     * What the person is writing stays, and so does whom it is for: only what may be
     * chosen changes. The server offers the newest of each thread; what was clicked on
     * is asked for again, unless the same person has written since.
     */
    async offer(composer) {
        const turn = (this.turn = (this.turn || 0) + 1);
        const { answered, openedId } = this;
        if (answered && isMissing(answered, composer.options)) {
            try {
                composer = await this.orm.silent.call("helpdesk.ticket", "social_composer", [
                    [openedId],
                    answered.option.message_id,
                ]);
            } catch {
                // what is on the screen stays until the next change
                return;
            }
            if (turn !== this.turn || openedId !== this.openedId) {
                return;
            }
        }
        this.state.options = composer.options;
        this.state.default = composer.default;
        this.state.seen = composer.seen;
        this.state.desk = composer.desk;
    }

    async refresh(ids) {
        const { record } = this.props;
        await this.heard(ids);
        if (record.resId && !(await record.isDirty())) {
            // stage and counters may have followed
            await record.load();
        }
    }

    // --- scrolling ------------------------------------------------------------------
    onScroll() {
        if (this.scroll.atStart && this.thread.hasMore) {
            this.loadMore();
        }
        if (this.state.unseen && this.scroll.atEnd) {
            this.state.unseen = 0;
        }
    }

    toEnd() {
        this.state.unseen = 0;
        this.scroll.glideToEnd();
    }

    // --- what is shown --------------------------------------------------------------
    /** Messages, days and (when asked for) colleagues' notes as one list. */
    get lines() {
        const { only } = this.state;
        const messages = only ? this.thread.messages.filter(only) : this.thread.messages;
        const lines = messages.map((message) => ({
            key: `m${message.id}`,
            at: message.at,
            message,
        }));
        const start = lines[0]?.at;
        for (const note of (!only && this.state.notes) || []) {
            if (!this.thread.hasMore || note.at >= start) {
                lines.push({ key: `n${note.id}`, at: note.at, note });
            }
        }
        lines.sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
        const shown = [];
        let day = "";
        for (const line of lines) {
            const key = dayKey(line.at);
            if (key !== day) {
                day = key;
                shown.push({ key: `d${key}`, day: dayLabel(line.at) });
            }
            shown.push(line);
        }
        return shown;
    }

    get unseenWords() {
        return this.state.unseen === 1
            ? _t("1 new message")
            : _t("%s new messages", this.state.unseen);
    }

    get waitingWords() {
        return this.thread.waiting === 1
            ? _t("1 message waits for us")
            : _t("%s messages wait for us", this.thread.waiting);
    }

    async toggleNotes() {
        if (this.state.notes) {
            this.state.notes = null;
            return;
        }
        this.state.notes = await this.orm.call("helpdesk.ticket", "social_notes", [
            [this.openedId],
        ]);
    }

    // --- what the desk's features see and add ----------------------------------------
    get desk() {
        return this.state.desk;
    }

    get self() {
        return asProp(this);
    }

    panels(name) {
        return seam(name, this);
    }

    /** One of a feature's own acts; what it changed is told by the server. */
    async actOn(message, name) {
        const act = messageActs(message, this.thread).find((one) => one.name === name);
        try {
            await act?.run({ message, timeline: this, env: this.env });
        } catch (error) {
            if (!error.data) {
                throw error;
            }
            this.acts.fail(message, error.data.message);
        }
    }

    // --- doing ----------------------------------------------------------------------
    async reply(message, audience, text = "", files = []) {
        const composer = await this.orm.call("helpdesk.ticket", "social_composer", [
            [this.openedId],
            message.id,
        ]);
        this.turn = (this.turn || 0) + 1;
        this.state.options = composer.options;
        this.state.seen = composer.seen;
        this.state.desk = composer.desk;
        const option = composer.options.find(
            (one) => one.message_id === message.id && one.audience === audience
        );
        if (option) {
            this.state.request = { option: option.id, text, files };
        } else {
            this.acts.fail(
                message,
                _t("This cannot be answered this way: the network does not offer it here.")
            );
        }
    }

    /** A refused answer back into the composer; the refused row is given up. */
    async editAgain(message) {
        if (await this.acts.perform(message, "cancel")) {
            await this.reply({ id: message.parent.id }, message.audience, message.text);
        }
    }

    /** A reply that has not left yet, back into the composer. */
    async takeBack(message) {
        const { text, files } = await this.orm.call(
            "helpdesk.social.message",
            "social_take_back",
            [[message.id]]
        );
        await this.refresh([message.id]);
        if (message.parent) {
            await this.reply({ id: message.parent.id }, message.audience, text, files);
        }
    }

    act(message, name) {
        return this.acts.act(message, name);
    }

    async onSent(ids, answer) {
        if (answer?.undo) {
            this.undo.wait(ids, answer.undo);
        }
        this.scroll.toEnd();
        await this.refresh(ids);
        this.scroll.toEnd();
    }

    openPermalink() {
        this.dialog.add(SocialPermalinkDialog, {
            ticketId: this.openedId,
            onPulled: () => this.heard(false),
        });
    }
}

registry.category("view_widgets").add("helpdesk_social_timeline", {
    component: SocialTimeline,
    fieldDependencies: [{ name: "social_page", type: "json" }],
});
