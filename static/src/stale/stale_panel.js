import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";

import { secondsSince } from "../social_timeline/social_time";

/** states of a reply that went somewhere, or will */
const LEAVING = new Set(["held", "queued", "sending", "uncertain", "sent", "delivered", "read"]);

/** What came in about the same matter since the person began to answer. */
export function newsFor({ option, props, state }) {
    const { thread } = props;
    if (!option || !thread) {
        return [];
    }
    const { id, revisions } = state.seen;
    return thread.messages.filter((message) => {
        if (message.context || message.deleted_at) {
            return false;
        }
        if (message.id === option.message_id && message.revisions.length > (revisions ?? 0)) {
            return true;
        }
        const same =
            message.conversation_id === option.conversation_id ||
            (message.person_id && message.person_id === option.person_id);
        if (message.id <= id || !same) {
            return false;
        }
        return (
            message.direction === "in" ||
            (LEAVING.has(message.delivery?.state) && message.user_id !== user.userId)
        );
    });
}

function ago(at) {
    const seconds = secondsSince(at);
    return seconds < 90 ? _t("%s s ago", seconds) : _t("%s min ago", Math.floor(seconds / 60));
}

/** Said while writing; the server says it again if it is not read. */
export class SocialStale extends Component {
    static template = "helpdesk_social.Stale";
    static props = { composer: Object };

    get words() {
        const { composer } = this.props;
        const { thread } = composer.props;
        const { id } = composer.state.seen;
        const news = newsFor(composer);
        const words = [];
        const fresh = news.filter((one) => one.direction === "in" && one.id > id).length;
        if (fresh) {
            words.push(
                fresh === 1
                    ? _t("A new message since you opened this")
                    : _t("%s new messages since you opened this", fresh)
            );
        }
        for (const message of news) {
            if (message.direction === "in") {
                if (message.id <= id) {
                    words.push(_t("What you answer was edited"));
                }
            } else if (message.origin === "native") {
                words.push(_t("It was answered in the network's app"));
            } else {
                const who = thread.users[message.user_id]?.name ?? _t("A colleague");
                words.push(_t("%(who)s answered %(when)s", { who, when: ago(message.at) }));
            }
        }
        return [...new Set(words)].join(" · ");
    }
}

registry.category("helpdesk_social.composer_panels").add("stale", {
    Component: SocialStale,
    place: "head",
    isShown: (composer) => newsFor(composer).length > 0,
});
