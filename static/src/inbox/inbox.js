/**
 * The inbox: a list on the left, the message and what can be done on the right.
 *
 * It decides nothing: the server finds what this person may see and does what is asked.
 * What changed elsewhere is heard by ids and looked up again. On a narrow screen either
 * the list or the message is shown.
 */

import {
    Component,
    onWillDestroy,
    onWillStart,
    status,
    useEffect,
    useExternalListener,
    useRef,
    useState,
} from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { Mutex } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { SocialThread } from "../social_timeline/social_thread";
import { InboxAttachDialog } from "./inbox_attach_dialog";
import { InboxDetail } from "./inbox_detail";
import { InboxHelpDialog } from "./inbox_help_dialog";
import { ACTS, keysOff, meaning, titleOf } from "./inbox_keys";
import { InboxList } from "./inbox_list";
import { InboxRow } from "./inbox_row";
import { PARTS, doneWords, partsLeft, whyNot } from "./inbox_words";

const MODEL = "helpdesk.social.inbox";
/** Rows asked for at once, and the server's own limit. */
const PAGE = 80;
const MOST = 400;
/** In a storm the list is read this often at most. */
const LIVE_MS = 1000;
const TICK_MS = 30000;
const SEARCH_MS = 300;
const TOAST_MS = 15000;

export class SocialInbox extends Component {
    static template = "helpdesk_social.Inbox";
    static components = { InboxDetail, InboxRow, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.live = useService("helpdesk_social_live");
        this.orm = useService("orm");
        this.parts = PARTS;
        this.table = ACTS;
        this.titleOf = titleOf;
        this.search = useRef("search");
        this.root = useRef("root");
        this.state = useState({
            part: "waiting",
            list: new InboxList(),
            counts: {},
            reasons: [],
            hasMore: false,
            limit: PAGE,
            term: "",
            loaded: false,
            detail: null,
            thread: null,
            left: false,
            reading: false,
            busy: false,
            tick: 0,
            keysOff: keysOff(),
            toast: null,
        });
        this.display = { controlPanel: {} };
        this.steps = new Mutex();
        this.turn = this.looks = 0;
        this.searchSoon = useDebounced(() => this.load(), SEARCH_MS);
        onWillStart(() => this.start());
        useExternalListener(window, "keydown", (ev) => this.onKeydown(ev));
        useEffect(
            () => this.live.listenAll((ids) => this.heard(ids)),
            () => []
        );
        const timer = browser.setInterval(() => this.state.tick++, TICK_MS);
        onWillDestroy(() => {
            browser.clearInterval(timer);
            browser.clearTimeout(this.liveTimer);
            browser.clearTimeout(this.toastTimer);
        });
    }

    get list() {
        return this.state.list;
    }

    /** Room for the list or for the message. */
    get narrow() {
        return this.env.isSmall;
    }

    // --- loading --------------------------------------------------------------------
    async start() {
        await this.load();
        if (!this.list.rows.length && this.state.counts.loose) {
            // nobody waits: what has no ticket is the next thing to look at
            this.state.part = "loose";
            await this.load();
        }
    }

    async load() {
        const turn = ++this.turn;
        const { part, limit, term } = this.state;
        const found = await this.orm.silent.call(MODEL, "get_list", [part, limit, term]);
        if (turn !== this.turn || status(this) === "destroyed") {
            return; // overtaken by a newer question
        }
        this.list.load(found.rows);
        Object.assign(this.state, {
            counts: found.counts,
            reasons: found.reasons,
            hasMore: found.has_more && limit < MOST,
            loaded: true,
        });
        if (!this.list.currentId && this.list.rows.length) {
            this.list.move(1);
        }
        await this.look();
    }

    /** The message in question, with what is around it. */
    async look() {
        const id = this.list.currentId;
        const look = ++this.looks;
        if (!id) {
            Object.assign(this.state, { detail: null, thread: null, reading: false });
            return;
        }
        const detail = await this.orm.silent.call(MODEL, "get_message", [id]);
        if (look !== this.looks || status(this) === "destroyed") {
            return;
        }
        if (!detail) {
            // gone, or no longer for us
            this.list.leave([id]);
            return this.look();
        }
        const thread = new SocialThread();
        thread.load({ ...detail.timeline, has_more: false, before: false });
        // above it all, where it is read first
        Object.assign(thread.message(id) ?? {}, { why: "", notes: [] });
        Object.assign(this.state, {
            detail,
            thread,
            // a colleague was quicker: it stays in sight until this person goes on
            left: !this.list.current,
        });
    }

    heard() {
        this.liveTimer ??= browser.setTimeout(async () => {
            this.liveTimer = undefined;
            if (!this.state.busy) {
                await this.load();
            }
        }, LIVE_MS);
    }

    more() {
        this.state.limit = Math.min(MOST, this.state.limit + PAGE);
        return this.load();
    }

    choosePart(part) {
        if (part === this.state.part) {
            return;
        }
        Object.assign(this.state, { part, limit: PAGE, reading: false, list: new InboxList() });
        return this.load();
    }

    onSearch(ev) {
        this.state.term = ev.target.value;
        this.state.limit = PAGE;
        this.searchSoon();
    }

    count(part) {
        const count = this.state.counts[part] ?? 0;
        return count >= 1000 ? "999+" : String(count);
    }

    // --- moving ---------------------------------------------------------------------
    async lookAt(row) {
        this.list.currentId = row.id;
        this.state.reading = true;
        await this.look();
    }

    async move(step) {
        const { currentId } = this.list;
        this.list.move(step);
        if (this.list.currentId !== currentId || this.state.left) {
            await this.look();
        }
        this.root.el?.querySelector(".o_inbox_current")?.scrollIntoView({ block: "nearest" });
    }

    back() {
        if (this.list.selected.size) {
            this.list.selected = new Set();
        }
        this.state.reading = false;
    }

    onKeydown(ev) {
        const found = meaning(ev);
        if (!found || document.querySelector(".modal.show")) {
            return;
        }
        ev.preventDefault();
        if (found.act) {
            // quick fingers: each key waits for the one before it
            return this.steps.exec(() => this.press(found.act));
        }
        const moves = {
            next: () => this.move(1),
            previous: () => this.move(-1),
            select: () => this.list.currentId && this.list.toggle(this.list.currentId),
            selectAll: () => this.list.toggleAll(),
            enter: () => this.enter(),
            undo: () => this.takeBack(),
            part: () => this.choosePart(PARTS[Number(found.key) - 1].name),
            search: () => this.search.el?.focus(),
            back: () => this.back(),
            help: () => this.help(),
        };
        return moves[found.move]();
    }

    enter() {
        const row = this.list.current;
        if (this.narrow && row && !this.state.reading) {
            this.state.reading = true;
        } else if (row?.ticket) {
            this.openTicket(row.ticket.id);
        }
    }

    help() {
        this.dialog.add(InboxHelpDialog, {
            onSwitch: () => {
                this.state.keysOff = keysOff();
            },
        });
    }

    // --- doing ----------------------------------------------------------------------
    get chosenRows() {
        const chosen = new Set(this.list.chosen);
        const rows = this.list.rows.filter((row) => chosen.has(row.id));
        if (!rows.length && this.state.detail) {
            return [this.state.detail.row];
        }
        return rows;
    }

    /** Acts that concern at least one of the chosen messages. */
    get acts() {
        const rows = this.chosenRows;
        const some = (fits) => rows.some(fits);
        const none = (row) => !row.ticket && !row.hidden_ticket && !row.deleted;
        const person = (row) => row.person_id && !row.shared;
        const open = (row) => row.waiting || ["", "auto"].includes(row.handled);
        return [
            some(none) && "open",
            some(none) && "attach",
            some(open) && "handled",
            some(open) && "ignore",
            some((row) => person(row) && !row.blocked) && "block",
            some((row) => person(row) && !row.blocked && row.network.can.includes("block")) &&
                "block_there",
            some((row) => row.blocked) && !some((row) => person(row) && !row.blocked) && "unblock",
            some((row) => row.rules.length && !row.rule_wrong) && "wrong",
        ].filter(Boolean);
    }

    /** @param {string} name of an act, by its key */
    press(name) {
        const act = name === "block" && !this.acts.includes("block") ? "unblock" : name;
        if (this.acts.includes(act)) {
            return this.ask(act);
        }
        // what the notice offered stays on offer
        const { undo, tickets } = this.state.toast ?? {};
        this.tell(whyNot(name, this.chosenRows), undo, tickets);
    }

    /** A click: while something is being done the buttons wait. */
    click(name, options) {
        return this.steps.exec(() => this.ask(name, options));
    }

    ask(name, options = {}) {
        if (name === "attach" && !options.ticket_id) {
            const messageIds = this.chosenRows.map((row) => row.id);
            this.dialog.add(InboxAttachDialog, {
                messageIds,
                onChosen: ({ id }) =>
                    this.steps.exec(() => this.do("attach", { ticket_id: id }, messageIds)),
            });
            return;
        }
        return this.do(name, options);
    }

    async do(name, options, ids = this.chosenRows.map((row) => row.id)) {
        const result = await this.busy(() => this.orm.call(MODEL, "act", [name, ids, options]));
        if (partsLeft(name).includes(this.state.part)) {
            this.list.leave(result.done);
        }
        this.list.selected = new Set();
        this.undo = result.undo || this.undo;
        this.tell(doneWords(name, result), result.undo, result.tickets);
        await this.load();
    }

    /** A refusal is shown by the framework. */
    async busy(ask) {
        this.state.busy = true;
        try {
            return await ask();
        } finally {
            this.state.busy = false;
        }
    }

    /** Said at the foot of the list, where it hides nothing; it stays a while. */
    tell(words, undo = false, tickets = []) {
        browser.clearTimeout(this.toastTimer);
        this.state.toast = { words, undo, tickets: tickets.length === 1 ? tickets : [] };
        this.toastTimer = browser.setTimeout(() => {
            this.state.toast = null;
        }, TOAST_MS);
    }

    takeBack() {
        return this.steps.exec(async () => {
            const undo = this.undo;
            if (!undo) {
                return;
            }
            this.undo = false;
            const ids = await this.busy(() => this.orm.call(MODEL, "take_back", [undo]));
            this.list.currentId = ids[0] ?? this.list.currentId;
            this.tell(_t("As it was before."));
            await this.load();
        });
    }

    // --- elsewhere ------------------------------------------------------------------
    openTicket(id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "helpdesk.ticket",
            res_id: id,
            views: [[false, "form"]],
        });
    }

    openPerson(id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "helpdesk.social.identity",
            res_id: id,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("helpdesk_social.inbox", SocialInbox);
