import { Component, onPatched, onWillUpdateProps, useEffect, useRef, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

import { SocialCanned } from "./social_canned";
import { SocialByHand, SocialDoors } from "./social_door";
import { SocialDrafts } from "./social_drafts";
import { checkFiles, isUndescribed, SocialFiles, takeFiles } from "./social_files";
import { SocialLimits } from "./social_limits";
import { useMeasure } from "./social_measure";
import { asProp, seam } from "./social_seams";
import { SocialTarget } from "./social_target";
import { newKey } from "./social_text";
import { isPast } from "./social_time";
import { AUDIENCES } from "./social_words";
import { useWriting } from "./social_writing";

/** Quiet time before a draft is kept. */
const DRAFT_MS = 1000;

/**
 * Writes one answer. A public one is never open by itself: it takes a deliberate click,
 * and a text begun for one audience or person is not carried to another.
 */
export class SocialComposer extends Component {
    static template = "helpdesk_social.Composer";
    static components = {
        SocialByHand,
        SocialCanned,
        SocialDoors,
        SocialFiles,
        SocialLimits,
        SocialTarget,
    };
    static props = {
        ticketId: Number,
        options: Array,
        default: { optional: true },
        drafts: Array,
        seen: Object,
        desk: { type: Object, optional: true },
        thread: { type: Object, optional: true },
        request: { optional: true },
        tick: { type: Number, optional: true },
        onOpened: Function,
        onAnswering: Function,
        onSent: Function,
        onStale: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.http = useService("http");
        this.box = useRef("box");
        this.textarea = useRef("textarea");
        this.fileInput = useRef("fileInput");
        this.audiences = AUDIENCES;
        this.drafts = new SocialDrafts(this.orm, this.props.ticketId, this.props.drafts);
        this.state = useState({
            optionId: false,
            text: "",
            files: [],
            showParts: false,
            sending: false,
            uploading: false,
            refused: "",
            error: "",
            canned: null,
            concerns: [],
            consent: {},
            seen: {},
            roused: false,
            // approved words in place of one's own: {id, values, files, full}
            template: null,
        });
        this.key = newKey();
        this.measure = useMeasure(this.props.ticketId, () => ({
            option: this.option,
            text: this.state.text,
            files: this.state.files.length,
            consent: this.state.consent,
            template: this.state.template,
        }));
        this.writing = useWriting(
            { textarea: this.textarea, emoji: useRef("emoji") },
            this.state,
            () => this.edited()
        );
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
                        this.state.files = request.files ?? [];
                        this.edited();
                    }
                }
            },
            () => [this.props.request]
        );
        useEffect(
            () => this.props.onAnswering(this.answered),
            () => [this.state.optionId, Boolean(this.answered)]
        );
        onPatched(() => {
            const { el } = this.textarea;
            if (this.rousing) {
                this.rousing = false;
                this.props.onOpened();
            }
            if (this.wantsDoor && !this.option) {
                this.wantsDoor = false;
                this.box.el?.querySelector(".o_social_way")?.focus();
            }
            if (this.wantsFocus && el) {
                this.wantsFocus = false;
                this.props.onOpened();
                el.focus();
            }
        });
    }

    // --- what may be chosen ---------------------------------------------------------
    get option() {
        return this.props.options.find((one) => one.id === this.state.optionId);
    }

    /** Whom somebody has begun to answer, or null: an answer to nobody else. */
    get answered() {
        const { option, state } = this;
        return option && (state.roused || state.text || state.files.length) ? option : null;
    }

    /** Why what is chosen cannot be sent, or "". A window may end while one writes. */
    get blocked() {
        const { option } = this;
        if (this.state.template && option.template?.allowed) {
            return "";
        }
        if (!option.allowed) {
            return option.reason || _t("This cannot be answered from here.");
        }
        const until = option.human_until || option.until;
        return until && isPast(until) ? _t("The time to answer is over.") : "";
    }

    // --- what the desk's features see and do ------------------------------------------
    get desk() {
        return this.props.desk ?? {};
    }

    get self() {
        return asProp(this);
    }

    panels(place) {
        return seam("composer_panels", this, place);
    }

    /** What stands against these words: found while writing, or when it was refused. */
    get concerns() {
        const { concerns } = this.state;
        return concerns.length ? concerns : this.measure.state.concerns;
    }

    /** What the person decided about concerns, by their codes; goes along when sent. */
    get consent() {
        return this.state.consent;
    }

    decide(code, decision) {
        this.state.consent = { ...this.state.consent, [code]: decision };
        this.edited();
    }

    /** What is on the screen now: the server says what has come since. */
    look() {
        const { option } = this;
        const messages = this.props.thread?.messages ?? [];
        const answered = messages.find((one) => one.id === option?.message_id);
        this.state.seen = {
            id: Math.max(
                this.props.seen[option?.conversation_id] || 0,
                ...messages.map((one) => one.id)
            ),
            ...(answered && { revisions: answered.revisions.length }),
        };
    }

    get sendWords() {
        return this.concerns.some((one) => one.code === "approval" && one.effect === "hold")
            ? _t("Ask for approval")
            : this.option.label;
    }

    /** Other words, as if the person had written them. */
    write(text) {
        this.state.text = text;
        this.state.roused = true;
        this.edited();
        this.wantsFocus = true;
    }

    /** Approved words in place of one's own, which are kept; null: one's own again. */
    take(template) {
        this.state.template = template;
        this.state.error = "";
        this.state.concerns = [];
        this.measure.soon();
    }

    /** Somebody is about to write: what belongs to it must be in view. */
    rouse() {
        this.rousing = !this.state.roused;
        this.state.roused = true;
    }

    /** One line high until somebody wants to write. */
    get resting() {
        const { state } = this;
        return !(state.template || state.roused || state.text || state.files.length || state.error || this.blocked);
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
        this.state.template = null;
        if (!before || !this.drafts.same(before, option)) {
            const draft = this.drafts.get(option);
            this.state.text = draft?.text ?? "";
            this.state.files = (draft?.attachments ?? []).map((file) => ({ ...file }));
            this.state.consent = {};
            this.key = newKey();
        }
        this.look();
        this.state.error = "";
        this.state.refused = "";
        this.state.concerns = [];
        this.state.roused = focus;
        this.measure.forget();
        this.wantsFocus = focus;
        this.measure.soon();
        if (this.state.files.length) {
            this.checkFiles();
        }
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
        Object.assign(this.state, {
            optionId: false,
            text: "",
            files: [],
            error: "",
            template: null,
        });
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
        this.state.concerns = [];
        this.measure.soon();
        this.keepDraft();
    }

    onInput() {
        this.edited();
        this.writing.lookForCanned();
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

    get partsWords() {
        return _t("goes out in %s parts", this.measure.parts.length);
    }

    // --- files ----------------------------------------------------------------------
    async onFiles(ev) {
        const chosen = [...ev.target.files];
        ev.target.value = "";
        if (!chosen.length) {
            return;
        }
        const { option } = this;
        this.state.uploading = true;
        const { files, error } = await takeFiles(
            this.http,
            (all) => checkFiles(this.orm, this.props.ticketId, option.id, all),
            this.state.files,
            chosen
        );
        this.state.uploading = false;
        this.state.files.push(...files);
        this.edited();
        this.state.error = error;
    }

    removeFile(file) {
        this.state.files = this.state.files.filter((one) => one.id !== file.id);
        this.edited();
        this.checkFiles();
    }

    /** Another network, or another description, may change what may go out. */
    async checkFiles() {
        const { option } = this;
        const { files } = this.state;
        const { files: each, together } = await checkFiles(
            this.orm,
            this.props.ticketId,
            option.id,
            files
        );
        if (!this.gone && files === this.state.files && option.id === this.state.optionId) {
            this.state.refused = [...each, together].filter(Boolean).join("\n");
        }
    }

    get undescribed() {
        return this.option.alt && this.state.files.some(isUndescribed);
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
        const { template } = state;
        if (template && !(template.full && template.files === state.files.length)) {
            return false;
        }
        return Boolean(
            option &&
                !this.blocked &&
                !state.sending &&
                !state.uploading &&
                !state.refused &&
                (template || state.text.trim() || state.files.length)
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
                this.state.seen,
                this.state.consent,
                this.state.template && {
                    id: this.state.template.id,
                    values: { ...this.state.template.values },
                },
            ]);
            if (answer.ok) {
                this.sent(option, answer);
            } else {
                this.state.error = answer.error;
                this.state.concerns = answer.concerns ?? [];
                if (answer.stale) {
                    await this.props.onStale(answer.stale);
                    this.look();
                }
            }
        } catch (error) {
            // the same key goes out again: a second press cannot make a second message
            this.state.error =
                error.data?.name === "odoo.http.SessionExpiredException"
                    ? _t(
                          "You have been logged out. Your text stays here: log in again in another tab, then press again."
                      )
                    : error.data?.message ||
                      _t("The server did not answer. Press again: it will not be sent twice.");
        } finally {
            this.state.sending = false;
        }
    }

    sent(option, answer) {
        if (!this.state.template) {
            this.drafts.forget(option);
        }
        this.key = newKey();
        this.measure.forget();
        Object.assign(this.state, {
            text: this.state.template ? this.state.text : "",
            template: null,
            files: [],
            refused: "",
            showParts: false,
            roused: false,
            concerns: [],
            consent: {},
        });
        if (option.audience === "public") {
            // the next public answer is a decision of its own; the keyboard stays near,
            // one step from the reply that can still be undone
            this.state.optionId = false;
            this.wantsDoor = true;
        }
        this.props.onSent(answer.message_ids, answer);
    }
}
