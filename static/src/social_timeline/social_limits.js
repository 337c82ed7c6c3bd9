import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";

import { full, isPast, secondsUntil, span } from "./social_time";

/** From this many seconds on, what is left of a window is urgent. */
const URGENT_S = 3600;

/**
 * Until when, how many more, what it costs: of an answer or of anything else that may be
 * done.
 *
 * @param {Object} way an option of the composer, or what may be done with a message
 * @param {string} [cost] what it costs by what was written
 */
export function limitsOf(way, cost = way.cost) {
    const limits = [];
    if (way.until) {
        const over = isPast(way.until);
        limits.push({
            icon: "fa-hourglass-half",
            text: over ? _t("the time to answer is over") : _t("%s left to answer", span(way.until)),
            brief: over ? _t("over") : _t("%s left", span(way.until)),
            title: full(way.until),
            urgent: over || secondsUntil(way.until) < URGENT_S,
        });
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
