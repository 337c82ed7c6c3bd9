/**
 * A deadline in words, and for how long the words stay true. Pure: the moment is given.
 *
 * Tone and icon say the same as the words, so that nobody depends on a colour.
 */

import { _t } from "@web/core/l10n/translation";

import { moment } from "../social_timeline/social_time";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "45 s", "12 min", "3 h 5 min", "14 h", "2 d 4 h" */
export function length(ms) {
    const seconds = Math.floor(ms / SECOND);
    const [minutes, hours, days] = [60, 3600, 86400].map((unit) => Math.floor(seconds / unit));
    if (minutes < 1) {
        return _t("%s s", seconds);
    }
    if (hours < 1) {
        return _t("%s min", minutes);
    }
    if (days < 1) {
        return minutes % 60 && hours < 10
            ? _t("%(hours)s h %(minutes)s min", { hours, minutes: minutes % 60 })
            : _t("%s h", hours);
    }
    return hours % 24 && days < 10
        ? _t("%(days)s d %(hours)s h", { days, hours: hours % 24 })
        : _t("%s d", days);
}

/** How long the words for so much time stay true, in ms. */
function lasting(ms) {
    const unit = ms < MINUTE ? SECOND : ms < DAY ? MINUTE : HOUR;
    return unit;
}

/**
 * @param {{due: string|false, warn: string|false, paused: boolean}} clock
 * @param {number} now in ms
 * @returns {{words: string, tone: string, icon: string, next: number}} ``next``: ms until
 *      the words change; 0: never
 */
export function dueIn(clock, now) {
    if (clock.paused) {
        return { words: _t("paused"), tone: "text-muted", icon: "fa-pause", next: 0 };
    }
    if (!clock.due) {
        return { words: _t("no deadline"), tone: "text-muted", icon: "fa-clock-o", next: 0 };
    }
    const left = moment(clock.due).toMillis() - now;
    if (left < 0) {
        const late = -left;
        return {
            words: _t("%s late", length(late)),
            tone: "text-danger fw-bold",
            icon: "fa-exclamation-triangle",
            next: lasting(late) - (late % lasting(late)),
        };
    }
    const warnIn = clock.warn ? moment(clock.warn).toMillis() - now : Infinity;
    const change = (left % lasting(left)) + 1;
    return {
        words: _t("in %s", length(left)),
        tone: warnIn <= 0 ? "text-warning fw-bold" : "text-body",
        icon: warnIn <= 0 ? "fa-hourglass-end" : "fa-clock-o",
        next: warnIn > 0 ? Math.min(change, warnIn + 1) : change,
    };
}
