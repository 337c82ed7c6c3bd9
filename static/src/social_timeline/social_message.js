import { Component, useState } from "@odoo/owl";

import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { createFileViewer } from "@web/core/file_viewer/file_viewer_hook";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { SocialUndoCountdown } from "../approval/undo_countdown";
import { SocialAvatar, SocialNetworkIcon } from "./social_avatar";
import { sizeWord } from "./social_files";
import { limitsOf } from "./social_limits";
import { SocialRevisions } from "./social_revisions";
import { messageActs } from "./social_seams";
import { safeUrl, splitLinks } from "./social_text";
import { clock, full, isPast, minutesSince, span } from "./social_time";
import { ACTIONS, AUDIENCES, CANCEL, DELIVERY, PUBLISHED, RETRY } from "./social_words";

/** One message of the timeline, with what can be done about it. */
export class SocialMessage extends Component {
    static template = "helpdesk_social.Message";
    static components = {
        Dropdown,
        DropdownItem,
        SocialAvatar,
        SocialMessage,
        SocialNetworkIcon,
        SocialUndoCountdown,
    };
    static props = {
        message: Object,
        thread: Object,
        fresh: { type: Boolean, optional: true },
        tick: { type: Number, optional: true },
        above: { type: Boolean, optional: true },
        error: { type: String, optional: true },
        busy: { type: Boolean, optional: true },
        onReply: { type: Function, optional: true },
        onAct: { type: Function, optional: true },
        onEditAgain: { type: Function, optional: true },
        onDesk: { type: Function, optional: true },
        onJump: { type: Function, optional: true },
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.fileViewer = createFileViewer();
        this.dialog = useService("dialog");
        this.state = useState({ unfolded: false, can: null, canError: "" });
        this.clock = clock;
        this.full = full;
        this.span = span;
        this.actions = ACTIONS;
        this.safeUrl = safeUrl;
        this.sizeWord = sizeWord;
    }

    // --- who and where ------------------------------------------------------------
    get own() {
        return this.props.message.direction === "out";
    }

    get account() {
        return this.props.thread.accounts[this.props.message.account_id];
    }

    get network() {
        return this.account?.network ?? { name: "", icon: "", color: "", can: [] };
    }

    get person() {
        return this.props.thread.people[this.props.message.person_id];
    }

    get author() {
        if (!this.own) {
            return this.person ?? { name: _t("Somebody"), handle: "", avatar: "", url: "" };
        }
        const user = this.props.thread.users[this.props.message.user_id];
        const name = this.account?.title ?? _t("Us");
        return {
            name: user?.name ?? name,
            handle: this.account?.name ?? "",
            avatar: user?.avatar ?? "",
            url: "",
        };
    }

    get audience() {
        return AUDIENCES[this.props.message.audience];
    }

    get alsoReached() {
        return this.props.message.also
            .map((id) => this.props.thread.accounts[id]?.name)
            .filter(Boolean);
    }

    get label() {
        const { message } = this.props;
        return _t("%(audience)s message by %(author)s, %(when)s", {
            audience: this.audience.word,
            author: this.author.name,
            when: full(message.at),
        });
    }

    // --- what ---------------------------------------------------------------------
    get pieces() {
        return splitLinks(this.props.message.text);
    }

    /** Hidden until asked for: a content warning, or what a deleted post said. */
    get folded() {
        const { message } = this.props;
        return Boolean(message.warning || message.deleted_at) && !this.state.unfolded;
    }

    get hasContent() {
        return Boolean(this.props.message.text || this.props.message.media.length);
    }

    get aboveMessages() {
        return this.props.message.above
            ?.map((id) => this.props.thread.above.get(id))
            .filter(Boolean);
    }

    get parentAuthor() {
        const { parent } = this.props.message;
        return parent.direction === "out"
            ? _t("our message")
            : this.props.thread.people[parent.person_id]?.name ?? _t("Somebody");
    }

    get delivery() {
        const { delivery, deleted_at } = this.props.message;
        return delivery && !deleted_at && { ...delivery, ...DELIVERY[delivery.state] };
    }

    get deliveryWords() {
        const { delivery } = this;
        const words = [delivery.label];
        if (delivery.parts > 1) {
            words.push(_t("part %(n)s of %(all)s", { n: delivery.part, all: delivery.parts }));
        }
        if (delivery.state === "queued" && delivery.error && delivery.next_try_at) {
            words.push(
                isPast(delivery.next_try_at)
                    ? _t("trying again")
                    : _t("next try in %s", span(delivery.next_try_at))
            );
        }
        return words.join(" · ");
    }

    /** Small remarks under the text, each with an icon and words. */
    get notes() {
        const { message } = this.props;
        const notes = [];
        const note = (icon, text, tone = "", title = "") =>
            notes.push({ icon, text, class: tone, title });
        if (message.answered_before_edit) {
            note("fa-exclamation-triangle", _t("answered before this edit"), "text-warning");
        }
        if (message.parent_edited) {
            const words = _t("edited by its author after this answer");
            note("fa-exclamation-triangle", words, "text-warning");
        }
        if (message.late) {
            const title = _t("Reached us on %s", full(message.received_at));
            note("fa-history", _t("arrived late"), "text-warning", title);
        }
        if (message.waiting) {
            // handled before, and changed since: that is how long the new words wait
            const asked = message.handled && message.edited_at ? message.edited_at : message.at;
            const since = minutesSince(asked)
                ? _t("waiting for us for %s", span(asked))
                : _t("waiting for us, just came in");
            note("fa-hourglass-half", since, "o_social_note_waiting");
        } else if (message.handled) {
            const by = this.handledBy;
            const words = by
                ? `${message.handled.label} · ${by}`
                : message.handled.label;
            note("fa-check", words, "", full(message.handled.at));
        }
        if (message.liked) {
            note("fa-heart", _t("liked by us"));
        }
        if (message.hidden) {
            note("fa-eye-slash", _t("hidden by us"));
        }
        if (this.alsoReached.length) {
            note("fa-share-alt", _t("also reached %s", this.alsoReached.join(", ")));
        }
        if (message.why && !this.own) {
            note("fa-ticket", message.why);
        }
        for (const one of message.notes ?? []) {
            note(one.icon, one.text, one.tone, one.title);
        }
        return notes;
    }

    get handledBy() {
        const { handled } = this.props.message;
        return this.props.thread.users[handled.user_id]?.name ?? "";
    }

    openImage(media) {
        const files = this.props.message.media
            .filter((one) => one.thumb)
            .map((one) => ({
                name: one.alt || one.name,
                isImage: true,
                isViewable: true,
                defaultSource: one.url,
                downloadUrl: `${one.url}?download=true`,
                url: one.url,
            }));
        const index = this.props.message.media.filter((one) => one.thumb).indexOf(media);
        this.fileViewer.open(files[index], files);
    }

    /** Why there is a mark instead of words. */
    get tombstone() {
        const { message } = this.props;
        const by = {
            us: _t("We deleted this message"),
            network: _t("The network removed this message"),
            forgotten: _t("Forgotten on request"),
        }[message.deleted_by];
        if (by) {
            return by;
        }
        return this.own ? _t("This message was deleted") : _t("The author deleted this message");
    }

    /** Where a network wants it so, the words of a deleted message are gone here, too. */
    get emptied() {
        const by = this.props.message.deleted_by;
        return !this.hasContent && by !== "us" && by !== "forgotten";
    }

    fileIcon(media) {
        return { image: "fa-picture-o", video: "fa-film", audio: "fa-volume-up" }[media.kind] ||
            "fa-file-o";
    }

    fetchWords(media) {
        return media.state === "failed" ? _t("Try again") : _t("Fetch it");
    }

    kindWord(media) {
        return {
            image: _t("Picture"),
            video: _t("Video"),
            audio: _t("Recording"),
        }[media.kind] || _t("File");
    }

    openRevisions() {
        const { message } = this.props;
        this.dialog.add(SocialRevisions, {
            message,
            answeredBy: message.handled ? this.handledBy : "",
        });
    }

    openPartner() {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: this.person.partner.id,
            views: [[false, "form"]],
        });
    }

    // --- what can be done ---------------------------------------------------------
    get replies() {
        const { message, above } = this.props;
        if (above || this.own || message.deleted_at || message.context || !this.props.onReply) {
            return [];
        }
        const audiences = {
            public: ["public", "private"],
            group: ["group", "private"],
            private: ["private"],
        }[message.audience];
        return audiences
            .filter((audience) => this.network.can.includes(`reply_${audience}`))
            .map((audience) => ({ audience, ...AUDIENCES[audience] }));
    }

    get decisions() {
        const state = this.props.message.delivery?.state;
        const names = [];
        if (state === "uncertain") {
            names.push("sent");
        }
        if (RETRY.has(state)) {
            names.push("retry");
        }
        if (CANCEL.has(state) && !this.props.message.delivery.undo_until) {
            names.push("cancel");
        }
        return names;
    }

    /** What features of the desk offer; the rest of it stands in the menu. */
    deskActs(primary) {
        const { message, thread, above, onDesk } = this.props;
        return above || !onDesk
            ? []
            : messageActs(message, thread).filter((act) => Boolean(act.primary) === primary);
    }

    get mayEditAgain() {
        return (
            this.props.message.delivery?.state === "failed" &&
            this.props.message.parent &&
            this.props.onEditAgain
        );
    }

    /** Asked when the menu opens: windows and quotas change by the minute. */
    async loadAffordances() {
        this.state.can = null;
        this.state.canError = "";
        try {
            this.state.can = await this.orm.silent.call(
                "helpdesk.social.message",
                "social_affordances",
                [[this.props.message.id]]
            );
        } catch (error) {
            this.state.can = [];
            this.state.canError =
                error.data?.message || _t("It cannot be found out what may be done here.");
        }
    }

    get openWords() {
        return _t("Open on %s", this.network.name);
    }

    get menu() {
        const entries = [];
        for (const one of this.state.can || []) {
            let name = one.kind;
            if (name === "hide" && this.props.message.hidden) {
                name = "unhide";
            }
            const known = ACTIONS[name];
            const { delivery } = this.props.message;
            if (delivery && !PUBLISHED.has(delivery.state)) {
                continue; // there is nothing on the network yet
            }
            if (name === "edit" && !one.allowed) {
                continue;
            }
            if (known && !(name === "like" && this.props.message.liked)) {
                const limits = limitsOf(one).map((limit) => limit.brief);
                const { allowed, reason } = one;
                entries.push({ ...known, name, allowed, reason, limits: limits.join(" · ") });
            }
        }
        return entries;
    }
}
