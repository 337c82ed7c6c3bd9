import { Component, onWillDestroy, onWillUpdateProps, useState } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { full } from "../social_timeline/social_time";
import { dueIn } from "./clock_time";

/** Timers of a page do not tell further than this. */
const LONGEST_MS = 3600000;

/**
 * One deadline that counts down by itself.
 *
 * It wakes up when its words change and not before: a list of eighty would else be drawn
 * anew each second.
 */
export class ClockFace extends Component {
    static template = "helpdesk_social.ClockFace";
    static props = {
        clock: Object,
        kind: { type: Boolean, optional: true },
        who: { type: String, optional: true },
        where: { type: String, optional: true },
    };

    setup() {
        this.state = useState({ now: Date.now() });
        this.wait(this.props.clock);
        onWillUpdateProps(({ clock }) => {
            this.state.now = Date.now();
            this.wait(clock);
        });
        onWillDestroy(() => browser.clearTimeout(this.timer));
    }

    wait(clock) {
        browser.clearTimeout(this.timer);
        const { next } = dueIn(clock, Date.now());
        if (next) {
            this.timer = browser.setTimeout(() => {
                this.state.now = Date.now();
                this.wait(this.props.clock);
            }, Math.min(next, LONGEST_MS));
        }
    }

    get face() {
        return dueIn(this.props.clock, this.state.now);
    }

    get name() {
        const { where, who } = this.props;
        return [this.title, where, who].filter(Boolean).join(", ");
    }

    get title() {
        const { clock } = this.props;
        if (!clock.due) {
            return clock.label;
        }
        const words = { label: clock.label, due: full(clock.due) };
        return clock.more
            ? _t("%(label)s, due %(due)s; and %(more)s more", { ...words, more: clock.more })
            : _t("%(label)s, due %(due)s", words);
    }
}

/** In lists, on cards and in forms: a field with a clock as JSON. */
export class ClockField extends Component {
    static template = "helpdesk_social.ClockField";
    static components = { ClockFace };
    static props = { ...standardFieldProps };

    get clock() {
        return this.props.record.data[this.props.name];
    }
}

registry.category("fields").add("helpdesk_social_clock", {
    component: ClockField,
    supportedTypes: ["json"],
    displayName: _t("Deadline of a social answer"),
    listViewWidth: [150, 180],
});

/**
 * A moment that lists can be sorted by, shown with the clock that stands beside it in
 * the record (`social_clock` of a ticket, `clock` of a message).
 */
export class DueField extends Component {
    static template = "helpdesk_social.ClockField";
    static components = { ClockFace };
    static props = { ...standardFieldProps };

    get clock() {
        const { social_clock: ofTicket, clock: ofMessage } = this.props.record.data;
        return ofTicket || ofMessage;
    }
}

registry.category("fields").add("helpdesk_social_due", {
    component: DueField,
    supportedTypes: ["datetime"],
    displayName: _t("Deadline of a social answer, to sort by"),
    listViewWidth: [150, 180],
});
