import { Component, onPatched, onMounted, useRef } from "@odoo/owl";

import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { formatInteger } from "@web/views/fields/formatters";

import { SocialAvatar } from "../social_timeline/social_avatar";
import { SocialMessage } from "../social_timeline/social_message";
import { safeUrl } from "../social_timeline/social_text";
import { full } from "../social_timeline/social_time";
import { ACTS, titleOf } from "./inbox_keys";

/** The message that is looked at: what can be done, who wrote it, what was said around. */
export class InboxDetail extends Component {
    static template = "helpdesk_social.InboxDetail";
    static components = { Dropdown, DropdownItem, SocialAvatar, SocialMessage };
    static props = {
        detail: Object,
        thread: Object,
        acts: Array,
        reasons: Array,
        busy: Boolean,
        left: Boolean,
        // switched keys are told by other titles
        keysOff: Boolean,
        onAct: Function,
        onAttach: Function,
        onTicket: Function,
        onPerson: Function,
        onBack: Function,
    };

    setup() {
        this.table = ACTS;
        this.titleOf = titleOf;
        this.safeUrl = safeUrl;
        this.full = full;
        this.scroller = useRef("scroller");
        onMounted(() => this.show());
        onPatched(() => this.show());
    }

    /** Once per message: it is brought into sight, then the person scrolls. */
    show() {
        const { id } = this.props.detail.row;
        if (this.shown !== id) {
            this.shown = id;
            this.scroller.el
                ?.querySelector(".o_inbox_focus")
                ?.scrollIntoView({ block: "nearest" });
        }
    }

    get row() {
        return this.props.detail.row;
    }

    get author() {
        return this.props.detail.author;
    }

    get authorWords() {
        const { author } = this;
        const words = [];
        if (author.followers) {
            words.push(_t("%s followers", formatInteger(author.followers)));
        }
        words.push(
            author.messages === 1 ? _t("1 message") : _t("%s messages", author.messages)
        );
        return words.join(" · ");
    }

    get blockedWords() {
        const { blocked_by: by, blocked_at: at } = this.author;
        return by
            ? _t("Blocked by %(who)s on %(when)s", { who: by, when: full(at) })
            : _t("Blocked since %s", full(at));
    }

    /** What the network does to whom we block there is read before it is done. */
    actTitle(act) {
        const { means, allowed, reason, cost } = this.author?.there ?? {};
        if (act !== "block_there" || !means) {
            return titleOf(act);
        }
        return [titleOf(act), allowed ? means : reason, cost].filter(Boolean).join(" · ");
    }

    thereIcon({ state }) {
        return { waiting: "fa-clock-o", done: "fa-globe", failed: "fa-exclamation-triangle" }[state];
    }

    thereWho({ account, by, at }) {
        return _t("%(account)s, asked by %(who)s, %(when)s", { account, who: by, when: full(at) });
    }

    get whyLines() {
        return this.props.detail.why.split("\n").filter(Boolean);
    }

    get otherTickets() {
        return this.props.detail.tickets.filter((ticket) => ticket.id !== this.row.ticket?.id);
    }

    get mayAttach() {
        return this.props.acts.includes("attach");
    }
}
