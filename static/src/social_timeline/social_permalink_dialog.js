import { Component, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { useAutofocus, useService } from "@web/core/utils/hooks";

import { safeUrl } from "./social_text";

/** Paste the address of a post; it is read from the network into this ticket. */
export class SocialPermalinkDialog extends Component {
    static template = "helpdesk_social.PermalinkDialog";
    static components = { Dialog };
    static props = { ticketId: Number, onPulled: Function, close: Function };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ url: "", error: "", busy: false });
        useAutofocus();
    }

    onKeydown(ev) {
        if (ev.key === "Enter") {
            ev.preventDefault();
            this.pull();
        }
    }

    async pull() {
        const url = safeUrl(this.state.url.trim());
        if (!url) {
            this.state.error = _t("Paste the whole address of the post: https://…");
            return;
        }
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        this.state.error = "";
        try {
            await this.orm.call("helpdesk.ticket", "social_pull_permalink", [
                [this.props.ticketId],
                url,
            ]);
            this.props.onPulled();
            this.props.close();
        } catch (error) {
            this.state.error = error.data?.message || _t("That did not work. Please try again.");
        } finally {
            this.state.busy = false;
        }
    }
}
