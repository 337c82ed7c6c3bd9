import { Component } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";

import { diffWords } from "./social_diff";
import { full } from "./social_time";

/** To the second, as both the network's and our moments can be compared. */
const second = (at) => (at || "").slice(0, 19).replace("T", " ");

const key = (files) => files.map((one) => one.ref || one.attachment_id).join("\n");

/** What a message said before, newest first, each with what changed and our answer. */
export class SocialRevisions extends Component {
    static template = "helpdesk_social.Revisions";
    static components = { Dialog };
    static props = {
        message: Object,
        answeredBy: { type: String, optional: true },
        close: Function,
    };

    setup() {
        this.full = full;
    }

    get title() {
        return _t("Versions of this message");
    }

    /** Versions and, between them, the answer that was given to one of them. */
    get entries() {
        const { message } = this.props;
        const versions = [
            ...message.revisions.map((one) => ({ ...one })),
            {
                at: message.edited_at,
                by: message.edited_by,
                text: message.text,
                warning: message.warning,
                media: message.media,
            },
        ];
        // a version that does not name its files had those of the one after it
        for (let index = versions.length - 2; index >= 0; index--) {
            versions[index].media ||= versions[index + 1].media;
        }
        const entries = versions.map((version, index) => {
            const before = versions[index - 1];
            const changed = !before || key(before.media) !== key(version.media);
            return {
                at: second(version.at),
                name: this.name(index, versions.length),
                who: this.who(version),
                warning: version.warning || "",
                pieces: before
                    ? diffWords(before.text, version.text)
                    : [{ id: 0, kind: "same", text: version.text }],
                media: changed ? version.media : [],
                bare: changed && before && !version.media.length,
            };
        });
        if (message.answered_before_edit) {
            const at = second(message.handled.at);
            const index = entries.findIndex((entry) => entry.at > at);
            const answer = { at, answer: true };
            entries.splice(index === -1 ? entries.length : index, 0, answer);
        }
        return entries.map((entry, id) => ({ id, ...entry })).reverse();
    }

    /** Who wrote these words of ours, and who approved them. */
    who({ by, approved_by }) {
        if (!by) {
            return "";
        }
        return approved_by
            ? _t("by %(by)s, approved by %(approver)s", { by, approver: approved_by })
            : _t("by %s", by);
    }

    name(index, count) {
        if (index === count - 1) {
            return _t("Now");
        }
        return index ? _t("Edited") : _t("At first");
    }

    get answerWords() {
        return this.props.answeredBy
            ? _t("%s answered here", this.props.answeredBy)
            : _t("We answered here");
    }
}
