import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";

import { SocialAvatar, SocialNetworkIcon } from "../social_timeline/social_avatar";
import { full, isPast, span } from "../social_timeline/social_time";
import { AUDIENCES } from "../social_timeline/social_words";

/** One message in the list of the inbox. */
export class InboxRow extends Component {
    static template = "helpdesk_social.InboxRow";
    static components = { SocialAvatar, SocialNetworkIcon };
    static props = {
        row: Object,
        current: Boolean,
        selected: Boolean,
        // a minute has passed: ages are shown anew
        tick: Number,
        onLook: Function,
        onToggle: Function,
    };

    setup() {
        this.full = full;
    }

    get audience() {
        return AUDIENCES[this.props.row.audience];
    }

    /** Until when it is to be answered, or how long it has waited. */
    get due() {
        const { row } = this.props;
        if (row.waiting && row.deadline) {
            return isPast(row.deadline)
                ? {
                      icon: "fa-exclamation-triangle",
                      words: _t("overdue by %s", span(row.deadline)),
                      tone: "o_inbox_late",
                      title: full(row.deadline),
                  }
                : {
                      icon: "fa-clock-o",
                      words: _t("due in %s", span(row.deadline)),
                      tone: "",
                      title: full(row.deadline),
                  };
        }
        return {
            icon: row.waiting ? "fa-hourglass-half" : "",
            words: row.waiting ? _t("waits for %s", span(row.since)) : _t("%s ago", span(row.at)),
            tone: "",
            title: full(row.since),
        };
    }

    get label() {
        const { row } = this.props;
        return _t("%(audience)s message by %(author)s, %(when)s", {
            audience: this.audience.word,
            author: row.who,
            when: full(row.at),
        });
    }

    get preview() {
        const { row } = this.props;
        if (row.preview) {
            return row.preview;
        }
        return row.files ? _t("A file without words") : _t("No words");
    }
}
