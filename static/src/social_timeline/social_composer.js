import {
    Component,
    onPatched,
    onWillDestroy,
    onWillUpdateProps,
    useEffect,
    useRef,
    useState,
} from "@odoo/owl";

import { useEmojiPicker } from "@web/core/emoji_picker/emoji_picker";
import { _t } from "@web/core/l10n/translation";
import { useAutoresize } from "@web/core/utils/autoresize";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

import { SocialCanned } from "./social_canned";
import { SocialDrafts } from "./social_drafts";
import { isPicture, SocialFiles, uploadFiles } from "./social_files";
import { cannedTerm, newKey } from "./social_text";
import { full, isPast, span } from "./social_time";
import { AUDIENCES, ORDER } from "./social_words";

/** Quiet time before the network's count is asked for, and before a draft is kept. */
const MEASURE_MS = 300;
const DRAFT_MS = 1000;

/**
 * Writes one answer. A public one is never open by itself: it takes a deliberate click,
 * and a text begun for one audience or person is not carried to another.
 */
export class SocialComposer extends Component {
    static template = "helpdesk_social.Composer";
    static components = { SocialCanned, SocialFiles };
    static props = {
        ticketId: Number,
        options: Array,
        default: { optional: true },
        drafts: Array,
        seen: Object,
        request: { optional: true },
        tick: { type: Number, optional: true },
        onSent: Function,
        onStale: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.http = useService("http");
        this.textarea = useRef("textarea");
        this.fileInput = useRef("fileInput");
        this.emojiButton = useRef("emoji");
        this.audiences = AUDIENCES;
        this.span = span;
        this.full = full;
        this.drafts = new SocialDrafts(this.orm, this.props.ticketId, this.props.drafts);
        this.state = useState({
            optionId: false,
            text: "",
            files: [],
            measure: null,
            showParts: false,
            sending: false,
            uploading: false,
            error: "",
            canned: null,
        });
        this.key = newKey();
        this.emojiPicker = useEmojiPicker(this.emojiButton, {
            onSelect: (emoji) => this.insert(emoji),
        });
        useAutoresize(this.textarea, { minimumHeight: 72 });
        this.measureSoon = useDebounced(() => this.measure(), MEASURE_MS);
        this.keepDraft = useDebounced(() => this.saveDraft(), DRAFT_MS, {
            execBeforeUnmount: true,
        });
        if (this.props.default) {
            this.choose(this.props.default, { focus: false });
        }
        onWillUpdateProps((next) => this.follow(next));
        useEffect(
            (request) => {
                if (request) {
                    this.choose(request.option);
                    if (request.text) {
                        this.state.text = request.text;
                        this.edited();
                    }
                }
            },
            () => [this.props.request]
        );
        onPatched(() => {
            const { el } = this.textarea;
            if (this.wantsFocus && el) {
                this.wantsFocus = false;
                el.focus();
                el.scrollIntoView({ block: "nearest" });
            }
        });
        onWillDestroy(() => (this.gone = true));
    }

    // --- what may be chosen ---------------------------------------------------------
    get option() {
        return this.props.options.find((one) => one.id === this.state.optionId);
    }

    /** Audiences that can be written to, the narrowest first. */
    get doors() {
        return ORDER.filter((audience) =>
            this.props.options.some((one) => one.audience === audience)
        ).map((audience) => {
            const options = this.props.options.filter((one) => one.audience === audience);
            const allowed = options.find((one) => one.allowed);
            return {
                audience,
                ...AUDIENCES[audience],
                option: allowed || options[0],
                allowed: Boolean(allowed),
                reason: allowed ? "" : options[0].reason,
                draft: options.some((one) => this.drafts.get(one)),
            };
        });
    }

    /** Other ways to write to the same audience: people, messages, accounts of ours. */
    get siblings() {
        return this.props.options.filter((one) => one.audience === this.option.audience);
    }

    siblingWords(option) {
        const words = _t("%(person)s: “%(text)s”", {
            person: option.person,
            text: option.preview || "…",
        });
        return this.severalAccounts ? `${words} · ${option.account}` : words;
    }

    get severalAccounts() {
        return new Set(this.props.options.map((one) => one.account_id)).size > 1;
    }

    choose(optionId, { focus = true } = {}) {
        const option = this.props.options.find((one) => one.id === optionId);
        if (!option) {
            return;
        }
        const before = this.option;
        if (before) {
            this.leave(before);
        }
        this.state.optionId = option.id;
        if (!before || !this.drafts.same(before, option)) {
            const draft = this.drafts.get(option);
            this.state.text = draft?.text ?? "";
            this.state.files = (draft?.attachments ?? []).map((file) => ({ ...file }));
            this.key = newKey();
        }
        this.state.error = "";
        this.state.measure = null;
        this.wantsFocus = focus;
        this.measureSoon();
    }

    /** Keep what was written before something else is chosen. */
    leave(option) {
        this.keepDraft.cancel();
        this.saveDraft(option);
    }

    close() {
        if (this.option) {
            this.leave(this.option);
        }
        this.state.optionId = false;
        this.state.text = "";
        this.state.files = [];
        this.state.error = "";
    }

    /** New options from the server: the answer that is being written stays put. */
    follow(next) {
        const current = this.option;
        if (!current || next.options.some((one) => one.id === current.id)) {
            return;
        }
        // the thread went on: the same person in the same thread has a newer message
        const heir = next.options.find((one) => this.drafts.same(one, current));
        if (heir) {
            this.state.optionId = heir.id;
        } else if (!this.state.text && !this.state.files.length) {
            this.state.optionId = false;
        } else {
            this.state.error = _t(
                "What you are answering is gone or no longer yours to answer. Your text is kept as a draft."
            );
        }
    }

    // --- writing --------------------------------------------------------------------
    edited() {
        this.state.error = "";
        this.measureSoon();
        this.keepDraft();
    }

    onInput() {
        this.edited();
        this.lookForCanned();
    }

    lookForCanned() {
        const el = this.textarea.el;
        this.state.canned = el && cannedTerm(this.state.text, el.selectionStart);
    }

    insertCanned(text) {
        const el = this.textarea.el;
        const { start } = this.state.canned;
        const rest = this.state.text.slice(el.selectionStart);
        this.state.text = this.state.text.slice(0, start) + text + rest;
        this.state.canned = null;
        this.moveCaret(start + text.length);
        this.edited();
    }

    insert(text) {
        const el = this.textarea.el;
        const at = el?.selectionStart ?? this.state.text.length;
        const end = el?.selectionEnd ?? at;
        this.state.text = this.state.text.slice(0, at) + text + this.state.text.slice(end);
        this.moveCaret(at + text.length);
        this.edited();
    }

    moveCaret(at) {
        Promise.resolve().then(() => {
            const el = this.textarea.el;
            if (el) {
                el.value = this.state.text;
                el.focus();
                el.setSelectionRange(at, at);
            }
        });
    }

    onKeydown(ev) {
        if (this.state.canned && this.cannedKeys?.(ev)) {
            return;
        }
        if (ev.key === "Enter" && (ev.ctrlKey || ev.metaKey) && !ev.isComposing) {
            ev.preventDefault();
            ev.stopPropagation();
            this.send();
        } else if (ev.key === "Escape" && this.state.canned) {
            ev.stopPropagation();
            this.state.canned = null;
        }
    }

    // --- counting -------------------------------------------------------------------
    async measure() {
        const { option } = this;
        const { text } = this.state;
        if (!option || !text.trim()) {
            this.state.measure = null;
            return;
        }
        try {
            const measure = await this.orm.silent.call("helpdesk.ticket", "social_measure", [
                [this.props.ticketId],
                text,
                option.id,
            ]);
            if (!this.gone && text === this.state.text && option.id === this.state.optionId) {
                this.state.measure = measure.error ? null : measure;
                this.state.error = measure.error || this.state.error;
            }
        } catch {
            // counting is a comfort; the server counts again when it is sent
            this.state.measure = null;
        }
    }

    get countWords() {
        const { measure } = this.state;
        if (!measure) {
            return "";
        }
        return measure.limit ? `${measure.length} / ${measure.limit}` : `${measure.length}`;
    }

    get parts() {
        return this.state.measure?.parts.length > 1 ? this.state.measure.parts : [];
    }

    get partsWords() {
        return _t("goes out in %s parts", this.parts.length);
    }

    // --- windows --------------------------------------------------------------------
    /** Until when, how many more, what it costs: what an agent should know first. */
    get limits() {
        const { option } = this;
        const limits = [];
        if (option.until) {
            limits.push({
                icon: "fa-hourglass-half",
                text: isPast(option.until)
                    ? _t("the time to answer is over")
                    : _t("%s left to answer", span(option.until)),
                title: full(option.until),
                urgent: isPast(option.until) || this.secondsLeft(option.until) < 3600,
            });
        }
        if (typeof option.remaining === "number") {
            const text =
                option.remaining === 1 ? _t("1 more message") : _t("%s more messages", option.remaining);
            limits.push({ icon: "fa-ticket", text, urgent: option.remaining < 1 });
        }
        if (option.cost) {
            limits.push({ icon: "fa-money", text: _t("costs %s", option.cost), urgent: false });
        }
        return limits;
    }

    secondsLeft(until) {
        return (new Date(`${until.replace(" ", "T")}Z`) - Date.now()) / 1000;
    }

    // --- files ----------------------------------------------------------------------
    async onFiles(ev) {
        const chosen = [...ev.target.files];
        ev.target.value = "";
        if (!chosen.length) {
            return;
        }
        this.state.uploading = true;
        const { files, error } = await uploadFiles(this.http, chosen);
        this.state.uploading = false;
        this.state.files.push(...files);
        this.edited();
        this.state.error = error;
    }

    removeFile(file) {
        this.state.files = this.state.files.filter((one) => one.id !== file.id);
        this.edited();
    }

    get undescribed() {
        return this.option.alt && this.state.files.some((one) => isPicture(one) && !one.alt);
    }

    // --- drafts ---------------------------------------------------------------------
    saveDraft(option = this.option) {
        if (option && !this.state.sending) {
            this.drafts.save(option, this.state.text, this.state.files);
        }
    }

    // --- sending --------------------------------------------------------------------
    get maySend() {
        const { option, state } = this;
        return Boolean(
            option?.allowed &&
                !state.sending &&
                !state.uploading &&
                (state.text.trim() || state.files.length)
        );
    }

    async send() {
        if (!this.maySend) {
            return;
        }
        const { option } = this;
        this.state.sending = true;
        this.state.error = "";
        this.keepDraft.cancel();
        try {
            const answer = await this.orm.call("helpdesk.ticket", "social_send", [
                [this.props.ticketId],
                option.id,
                this.state.text,
                this.state.files.map((file) => file.id),
                this.key,
                this.props.seen[option.conversation_id] || false,
            ]);
            if (answer.ok) {
                this.sent(option, answer.message_ids);
            } else {
                this.state.error = answer.error;
                if (answer.stale) {
                    await this.props.onStale(answer.stale);
                }
            }
        } catch (error) {
            // the same key goes out again: a second press cannot make a second message
            this.state.error =
                error.data?.message ||
                _t("The server did not answer. Press again: it will not be sent twice.");
        } finally {
            this.state.sending = false;
        }
    }

    sent(option, messageIds) {
        this.drafts.forget(option);
        this.key = newKey();
        Object.assign(this.state, { text: "", files: [], measure: null, showParts: false });
        if (option.audience === "public") {
            // the next public answer is a decision of its own
            this.state.optionId = false;
        }
        this.props.onSent(messageIds);
    }
}
