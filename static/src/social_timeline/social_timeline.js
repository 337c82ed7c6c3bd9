import {
    Component,
    onMounted,
    onPatched,
    onWillDestroy,
    onWillStart,
    onWillUpdateProps,
    useEffect,
    useRef,
    useState,
} from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { SocialComposer } from "./social_composer";
import { SocialMessage } from "./social_message";
import { SocialPermalinkDialog } from "./social_permalink_dialog";
import { SocialThread } from "./social_thread";
import { dayKey, dayLabel, full } from "./social_time";

/** Distance to the end, in pixels, within which new messages are scrolled into view. */
const NEAR = 80;
/** How often windows and ages are shown anew. */
const TICK_MS = 30000;

/** The ticket's Social page: one line of time for all its threads, and the composer. */
export class SocialTimeline extends Component {
    static template = "helpdesk_social.Timeline";
    static components = { SocialComposer, SocialMessage };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.live = useService("helpdesk_social_live");
        this.scroller = useRef("scroller");
        this.full = full;
        this.keepLast = new KeepLast();
        this.state = useState({
            thread: new SocialThread(),
            options: [],
            default: false,
            drafts: [],
            seen: {},
            loading: true,
            loadingMore: false,
            problem: "",
            errors: {},
            busy: {},
            fresh: new Set(),
            unseen: 0,
            request: null,
            notes: null,
            tick: 0,
        });
        this.scrollTo = null;
        onWillStart(() => this.open(this.ticketId));
        onWillUpdateProps((next) => {
            const nextId = next.record.resId;
            if (nextId !== this.openedId) {
                return this.open(nextId);
            }
        });
        onMounted(() => this.applyScroll());
        onPatched(() => this.applyScroll());
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
    async open(ticketId) {
        this.openedId = ticketId;
        Object.assign(this.state, {
            thread: new SocialThread(),
            options: [],
            default: false,
            drafts: [],
            seen: {},
            errors: {},
            unseen: 0,
            fresh: new Set(),
            request: null,
            notes: null,
            problem: "",
            loading: Boolean(ticketId),
        });
        if (!ticketId) {
            return;
        }
        await this.load(ticketId);
        this.scrollTo = "end";
    }

    async load(ticketId) {
        try {
            const [timeline, composer] = await this.keepLast.add(
                Promise.all([
                    this.orm.call("helpdesk.ticket", "social_timeline", [[ticketId]]),
                    this.orm.call("helpdesk.ticket", "social_composer", [[ticketId]]),
                ])
            );
            this.thread.load(timeline);
            Object.assign(this.state, composer);
        } catch (error) {
            this.state.problem =
                error.data?.message || _t("The messages could not be loaded. Reload the page.");
        }
        this.state.loading = false;
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
                const el = this.scroller.el;
                this.scrollTo = { fromEnd: el.scrollHeight - el.scrollTop };
                this.thread.prepend(payload);
            }
        } finally {
            this.state.loadingMore = false;
        }
    }

    /** Something changed on the server; ``false`` means: more than can be named. */
    async heard(ids) {
        const ticketId = this.openedId;
        const atEnd = this.nearEnd;
        if (!ids) {
            await this.load(ticketId);
        } else {
            const [timeline, composer] = await Promise.all([
                this.orm.silent.call("helpdesk.ticket", "social_timeline_changes", [
                    [ticketId],
                    ids,
                ]),
                this.orm.silent.call("helpdesk.ticket", "social_composer", [[ticketId]]),
            ]);
            if (ticketId !== this.openedId) {
                return;
            }
            const fresh = this.thread.update(timeline, ids);
            this.state.fresh = new Set(fresh);
            const inbound = fresh.filter((id) => this.thread.message(id).direction === "in");
            if (!atEnd) {
                this.state.unseen += inbound.length;
            }
            // what the person is writing stays: only what may be chosen changes
            this.state.options = composer.options;
            this.state.default = composer.default;
            this.state.seen = composer.seen;
        }
        if (atEnd) {
            this.scrollTo = "end";
        }
    }

    async refresh(ids) {
        await this.heard(ids);
        if (this.props.record.resId && !(await this.props.record.isDirty())) {
            // stage and counters may have followed
            await this.props.record.load();
        }
    }

    // --- scrolling ------------------------------------------------------------------
    get nearEnd() {
        const el = this.scroller.el;
        return !el || el.scrollHeight - el.scrollTop - el.clientHeight < NEAR;
    }

    applyScroll() {
        const el = this.scroller.el;
        if (!el || !this.scrollTo) {
            return;
        }
        el.scrollTop =
            this.scrollTo === "end" ? el.scrollHeight : el.scrollHeight - this.scrollTo.fromEnd;
        this.scrollTo = null;
    }

    onScroll() {
        if (this.scroller.el.scrollTop < NEAR && this.thread.hasMore) {
            this.loadMore();
        }
        if (this.state.unseen && this.nearEnd) {
            this.state.unseen = 0;
        }
    }

    toEnd() {
        this.state.unseen = 0;
        this.scroller.el.scrollTo({ top: this.scroller.el.scrollHeight, behavior: "smooth" });
    }

    jump(id) {
        const el = this.scroller.el.querySelector(`[data-message-id="${Number(id)}"]`);
        if (el) {
            el.scrollIntoView({ block: "center", behavior: "smooth" });
            el.classList.add("o_social_found");
            browser.setTimeout(() => el.classList.remove("o_social_found"), 1600);
        }
    }

    // --- what is shown --------------------------------------------------------------
    /** Messages, days and (when asked for) colleagues' notes as one list. */
    get lines() {
        const lines = this.thread.messages.map((message) => ({
            key: `m${message.id}`,
            at: message.at,
            message,
        }));
        const start = lines[0]?.at;
        for (const note of this.state.notes || []) {
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

    // --- doing ----------------------------------------------------------------------
    async reply(message, audience, text = "") {
        const composer = await this.orm.call("helpdesk.ticket", "social_composer", [
            [this.openedId],
            message.id,
        ]);
        this.state.options = composer.options;
        this.state.seen = composer.seen;
        const option = composer.options.find(
            (one) => one.message_id === message.id && one.audience === audience
        );
        if (option) {
            this.state.request = { option: option.id, text };
        } else {
            this.state.errors[message.id] = _t(
                "This cannot be answered this way: the network does not offer it here."
            );
        }
    }

    /** A refused answer back into the composer; the refused row is given up. */
    async editAgain(message) {
        const done = await this.act(message, "cancel", { ask: false });
        if (!done) {
            return;
        }
        await this.reply({ id: message.parent.id }, message.audience, message.text);
    }

    act(message, name, { ask = true } = {}) {
        const questions = {
            delete: {
                title: _t("Delete on the network?"),
                body: _t("It disappears for everybody there. This cannot be undone."),
                confirmLabel: _t("Delete"),
            },
            retry:
                message.delivery?.state === "uncertain"
                    ? {
                          title: _t("Send again?"),
                          body: _t(
                              "Nobody knows whether it was published. Look on the network first: if it is there, the person gets it twice."
                          ),
                          confirmLabel: _t("Send again"),
                      }
                    : null,
        };
        if (ask && questions[name]) {
            return new Promise((resolve) => {
                this.dialog.add(ConfirmationDialog, {
                    ...questions[name],
                    confirm: () => this.perform(message, name).then(resolve),
                    cancel: () => resolve(false),
                });
            });
        }
        return this.perform(message, name);
    }

    async perform(message, name) {
        if (this.state.busy[message.id]) {
            return false;
        }
        const methods = {
            like: "action_like",
            hide: "action_hide",
            unhide: "action_unhide",
            delete: "action_delete",
            handled: "action_handled",
            retry: "action_retry",
            cancel: "action_cancel",
            sent: "action_mark_sent",
        };
        this.state.busy[message.id] = true;
        this.state.errors[message.id] = "";
        try {
            await this.orm.call("helpdesk.social.message", methods[name], [[message.id]]);
            await this.refresh([message.id]);
            return true;
        } catch (error) {
            this.state.errors[message.id] =
                error.data?.message || _t("That did not work. Please try again.");
            return false;
        } finally {
            delete this.state.busy[message.id];
        }
    }

    async onSent(ids) {
        this.scrollTo = "end";
        await this.refresh(ids);
        this.scrollTo = "end";
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
});
