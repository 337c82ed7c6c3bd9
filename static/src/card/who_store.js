/** Whom the composer of a ticket's page answers; the card is about that person. */

import { Component, onWillDestroy, reactive, useEffect, xml } from "@odoo/owl";

import { registry } from "@web/core/registry";

/** ticket id -> identity id */
export const answered = reactive({});

/** Shows nothing: tells the card. */
export class SocialAnswered extends Component {
    static template = xml``;
    static props = { composer: Object };

    setup() {
        const { ticketId } = this.props.composer.props;
        useEffect(
            (person) => {
                answered[ticketId] = person;
            },
            () => [this.props.composer.option?.person_id]
        );
        onWillDestroy(() => {
            delete answered[ticketId];
        });
    }
}

registry.category("helpdesk_social.composer_panels").add("answered", {
    Component: SocialAnswered,
    place: "head",
});
