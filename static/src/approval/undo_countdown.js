import { Component, onWillUnmount, useState, xml } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";

const { DateTime } = luxon;

/** "leaves in 4 s", under a reply that can still be taken back. */
export class SocialUndoCountdown extends Component {
    static template = xml`<span t-esc="words" />`;
    static props = { until: String };

    setup() {
        this.state = useState({ seconds: this.left() });
        const timer = browser.setInterval(() => {
            this.state.seconds = this.left();
        }, 500);
        onWillUnmount(() => browser.clearInterval(timer));
    }

    left() {
        const span = deserializeDateTime(this.props.until).diff(DateTime.now());
        return Math.max(0, Math.ceil(span.as("seconds")));
    }

    get words() {
        return this.state.seconds ? _t("leaves in %s s", this.state.seconds) : _t("is leaving");
    }
}
