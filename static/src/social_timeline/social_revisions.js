import { Component } from "@odoo/owl";

import { full } from "./social_time";

/** What a message said before it was edited, newest first. */
export class SocialRevisions extends Component {
    static template = "helpdesk_social.Revisions";
    static props = { message: Object, close: { type: Function, optional: true } };

    setup() {
        this.full = full;
    }

    get revisions() {
        return [...this.props.message.revisions].reverse();
    }
}
