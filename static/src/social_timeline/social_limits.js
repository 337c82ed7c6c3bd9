import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";

import { full, isPast, secondsUntil, shortDay, span } from "./social_time";

/** From this many seconds on, what is left of a window is urgent. */
const URGENT_S = 3600;

/** After the time for anything: the one for what a person writes, where there is one. */
function isLate(way) {
    return Boolean(way.human_until) && isPast(way.until);
}

/**
 * Until when, how many more, what it costs: of an answer or of anything else that may be
 * done.
 *
 * @param {Object} way an option of the composer, or what may be done with a message
 * @param {string} [cost] what it costs by what was written
 */
export function limitsOf(way, cost = way.cost) {
    const limits = [];
    const until = isLate(way) ? way.human_until : way.until;
    if (until) {
        const over = isPast(until);
        limits.push({
            icon: "fa-hourglass-half",
            text: over ? _t("the time to answer is over") : _t("%s left to answer", span(until)),
            brief: over ? _t("over") : _t("%s left", span(until)),
            title: full(until),
            urgent: over || secondsUntil(way.human_until || until) < URGENT_S,
        });
    }
    if (way.human_until && !isLate(way)) {
        const day = shortDay(way.human_until);
        const text = _t("then what a person writes, until %s", day);
        limits.push({ icon: "fa-user", text, brief: text, title: full(way.human_until) });
    }
    if (way.human || (isLate(way) && !isPast(until))) {
        const text = _t("only what a person writes");
        const title = _t(
            "So long after the last message the network takes nothing prepared: no holding " +
                "statement and no other ready-made text."
        );
        limits.push({ icon: "fa-user", text, brief: text, title });
    }
    if (typeof way.remaining === "number") {
        const text =
            way.remaining === 1 ? _t("1 more message") : _t("%s more messages", way.remaining);
        const brief = _t("%s more", way.remaining);
        limits.push({ icon: "fa-ticket", text, brief, urgent: way.remaining < 1 });
    }
    if (cost) {
        const text = _t("costs %s", cost);
        limits.push({ icon: "fa-money", text, brief: text });
    }
    return limits;
}

/** What an agent should know before writing. */
export class SocialLimits extends Component {
    static template = "helpdesk_social.Limits";
    static props = {
        option: Object,
        cost: { type: String, optional: true },
        tick: { type: Number, optional: true },
    };

    get limits() {
        const { option, cost } = this.props;
        const limits = limitsOf(option, cost);
        const price = limits.find((one) => one.icon === "fa-money");
        if (price) {
            price.title = _t("What %s bills for sending this", option.network);
        }
        if (option.narrower) {
            limits.unshift({
                icon: "fa-level-down",
                text: _t("answers a public message in private"),
            });
        }
        return limits;
    }
}
