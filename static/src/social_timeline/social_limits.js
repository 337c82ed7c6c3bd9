import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";

import { full, isPast, secondsUntil, span } from "./social_time";

/** From this many seconds on, what is left of a window is urgent. */
const URGENT_S = 3600;

/** Until when, how many more, what it costs: what an agent should know before writing. */
export class SocialLimits extends Component {
    static template = "helpdesk_social.Limits";
    static props = {
        option: Object,
        cost: { type: String, optional: true },
        tick: { type: Number, optional: true },
    };

    get limits() {
        const { option, cost } = this.props;
        const limits = [];
        if (option.narrower) {
            limits.push({
                icon: "fa-level-down",
                text: _t("answers a public message in private"),
            });
        }
        if (option.until) {
            const over = isPast(option.until);
            limits.push({
                icon: "fa-hourglass-half",
                text: over
                    ? _t("the time to answer is over")
                    : _t("%s left to answer", span(option.until)),
                title: full(option.until),
                urgent: over || secondsUntil(option.until) < URGENT_S,
            });
        }
        if (option.human) {
            limits.push({
                icon: "fa-user",
                text: _t("only what a person writes"),
                title: _t(
                    "So long after the last message %s takes nothing prepared: no " +
                        "holding statement and no other ready-made text.",
                    option.network
                ),
            });
        }
        if (typeof option.remaining === "number") {
            const text =
                option.remaining === 1
                    ? _t("1 more message")
                    : _t("%s more messages", option.remaining);
            limits.push({ icon: "fa-ticket", text, urgent: option.remaining < 1 });
        }
        if (cost) {
            limits.push({
                icon: "fa-money",
                text: _t("costs %s", cost),
                title: _t("What %s bills for sending this", option.network),
            });
        }
        return limits;
    }
}
