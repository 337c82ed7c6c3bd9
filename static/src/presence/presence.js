import { Component, onWillDestroy, useEffect, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

/** names that are written out; the rest is counted */
const SHOWN = 3;

/** Who else looks at this ticket or is writing, in the page's bar. */
export class SocialPresence extends Component {
    static template = "helpdesk_social.Presence";
    static props = { timeline: Object };

    setup() {
        this.presence = useService("helpdesk_social_presence");
        this.state = useState({ people: {} });
        useEffect(
            (ticketId) => {
                const room = this.presence.join(ticketId);
                this.state.people = room.people;
                return room.leave;
            },
            () => [this.props.timeline.ticketId]
        );
    }

    get people() {
        const writing = (one) => (one.doing === "writing" ? 0 : 1);
        return Object.values(this.state.people).sort(
            (one, other) => writing(one) - writing(other) || one.name.localeCompare(other.name)
        );
    }

    get shown() {
        return this.people.slice(0, SHOWN).map((one) =>
            one.doing === "writing"
                ? { id: one.id, icon: "fa-pencil", words: _t("%s is writing", one.name) }
                : { id: one.id, icon: "fa-eye", words: _t("%s looks at this", one.name) }
        );
    }

    get more() {
        return Math.max(0, this.people.length - SHOWN);
    }
}

/** Shows nothing: tells the others while somebody types. */
export class SocialTyping extends Component {
    static template = "helpdesk_social.Typing";
    static props = { composer: Object };

    setup() {
        const presence = useService("helpdesk_social_presence");
        const { ticketId } = this.props.composer.props;
        let before = this.props.composer.state.text;
        useEffect(
            (text) => {
                if (!text) {
                    presence.stopped(ticketId);
                } else if (text !== before) {
                    presence.wrote(ticketId);
                }
                before = text;
            },
            () => [this.props.composer.state.text]
        );
        onWillDestroy(() => presence.stopped(ticketId));
    }
}

registry.category("helpdesk_social.timeline_bar").add("presence", {
    Component: SocialPresence,
    isShown: ({ ticketId }) => Boolean(ticketId),
});
registry.category("helpdesk_social.composer_panels").add("typing", {
    Component: SocialTyping,
    place: "head",
});
