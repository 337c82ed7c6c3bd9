import { Component, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { patch } from "@web/core/utils/patch";

import { SocialThread } from "../social_timeline/social_thread";
import { AUDIENCES } from "../social_timeline/social_words";
import { ClockFace } from "./clock_face";

/** Deadlines in the bar before the others fold away: the bar is short. */
const SHOWN = 1;

patch(SocialThread.prototype, {
    _learn(payload) {
        super._learn(...arguments);
        this.clocks = payload.clocks || [];
    },
});

/** In the bar of the ticket's Social page: who is to be answered by when. */
export class ClockBar extends Component {
    static template = "helpdesk_social.ClockBar";
    static components = { ClockFace };
    static props = { timeline: Object };

    setup() {
        this.state = useState({ all: false });
    }

    get clocks() {
        return this.props.timeline.thread.clocks || [];
    }

    get shown() {
        return this.state.all ? this.clocks : this.clocks.slice(0, SHOWN);
    }

    get rest() {
        return this.clocks.length > SHOWN;
    }

    get restWords() {
        return this.state.all ? _t("fewer") : _t("%s more", this.clocks.length - SHOWN);
    }

    /** Named only where there are several people: else it is clear who. */
    who(clock) {
        const people = new Set(this.clocks.map((one) => one.person_id));
        const person = this.props.timeline.thread.people[clock.person_id];
        return people.size > 1 && person ? person.handle || person.name : "";
    }

    /** A person with two alike: which is public, which private. The first says so itself. */
    where(clock) {
        const alike = this.clocks.filter(
            (one) => one.kind === clock.kind && one.person_id === clock.person_id
        );
        return alike.length > 1 ? AUDIENCES[clock.audience]?.word : undefined;
    }

    toggle() {
        this.state.all = !this.state.all;
    }
}

registry.category("helpdesk_social.timeline_bar").add("clock", {
    Component: ClockBar,
    isShown: (timeline) => Boolean(timeline.thread.clocks?.length),
});
