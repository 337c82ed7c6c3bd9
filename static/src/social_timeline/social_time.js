/** Moments as people read them. The server speaks naive UTC, the page local time. */

import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";

const { DateTime } = luxon;

export function moment(value) {
    return value ? deserializeDateTime(value) : null;
}

export function clock(value) {
    return moment(value)?.toLocaleString(DateTime.TIME_SIMPLE) ?? "";
}

export function full(value) {
    return moment(value)?.toLocaleString(DateTime.DATETIME_MED_WITH_SECONDS) ?? "";
}

export function shortDay(value) {
    return moment(value)?.toLocaleString(DateTime.DATE_MED) ?? "";
}

export function dayKey(value) {
    return moment(value)?.toISODate() ?? "";
}

export function dayLabel(value) {
    const day = moment(value);
    const today = DateTime.now().startOf("day");
    const days = Math.round(today.diff(day.startOf("day"), "days").days);
    if (days === 0) {
        return _t("Today");
    }
    if (days === 1) {
        return _t("Yesterday");
    }
    return day.toLocaleString(
        day.year === today.year
            ? { weekday: "long", day: "numeric", month: "long" }
            : DateTime.DATE_FULL
    );
}

export function minutesSince(value) {
    return Math.floor(Math.abs(moment(value).diffNow("minutes").minutes));
}

export function secondsSince(value) {
    return Math.max(0, Math.floor(-moment(value).diffNow("seconds").seconds));
}

/** "5 min", "3 h", "2 d": how long ago, or how long until. */
export function span(value) {
    const minutes = minutesSince(value);
    if (minutes < 1) {
        return _t("< 1 min");
    }
    if (minutes < 60) {
        return _t("%s min", minutes);
    }
    if (minutes < 48 * 60) {
        return _t("%s h", Math.floor(minutes / 60));
    }
    return _t("%s d", Math.floor(minutes / (24 * 60)));
}

export function isPast(value) {
    return moment(value) < DateTime.now();
}

export function secondsUntil(value) {
    return moment(value).diffNow("seconds").seconds;
}
