import { Component, onWillDestroy, useState } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { SocialNetworkIcon } from "../social_timeline/social_avatar";
import { full, span } from "../social_timeline/social_time";
import { AUDIENCES } from "../social_timeline/social_words";

/** Ages are told to the minute. */
const TICK_MS = 60000;

/** In lists and on cards: networks, audiences, and since when somebody waits for us. */
export class SocialMarks extends Component {
    static template = "helpdesk_social.Marks";
    static components = { SocialNetworkIcon };
    static props = { ...standardFieldProps };

    setup() {
        this.audiences = AUDIENCES;
        // words and colour follow the age, which grows without anything happening
        this.state = useState({ now: Date.now() });
        const timer = browser.setInterval(() => {
            this.state.now = Date.now();
        }, TICK_MS);
        onWillDestroy(() => browser.clearInterval(timer));
    }

    get marks() {
        return this.props.record.data[this.props.name];
    }

    get age() {
        return this.state.now && this.marks.since ? span(this.marks.since) : "";
    }

    /** Colour follows the age; the words say it too. */
    get tone() {
        const since = new Date(`${this.marks.since.replace(" ", "T")}Z`);
        const hours = (this.state.now - since) / 3600000;
        return hours >= 24 ? "text-danger" : hours >= 4 ? "text-warning" : "text-info";
    }

    get title() {
        return _t("%(count)s waiting for us, the oldest since %(since)s", {
            count: this.marks.waiting,
            since: full(this.marks.since),
        });
    }
}

registry.category("fields").add("helpdesk_social_marks", {
    component: SocialMarks,
    supportedTypes: ["json"],
    displayName: _t("Social marks"),
    listViewWidth: [110, 210],
});
