import { Component, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { useAutofocus, useService } from "@web/core/utils/hooks";

import { full } from "../social_timeline/social_time";
import { AUDIENCES } from "../social_timeline/social_words";

/** One reply that waits for a second person: approve it, send it back, talk about it. */
export class SocialApprovalDialog extends Component {
    static template = "helpdesk_social.ApprovalDialog";
    static components = { Dialog };
    static props = { message: Object, onDone: Function, close: Function };

    setup() {
        this.orm = useService("orm");
        this.full = full;
        this.state = useState({ comment: "", error: "", newer: false, busy: false });
        useAutofocus({ refName: "comment" });
    }

    get approval() {
        return this.props.message.approval;
    }

    /** Whoever agrees must see who will read it. */
    get audience() {
        return AUDIENCES[this.props.message.audience];
    }

    get approveWords() {
        return this.state.newer ? _t("I have read it: approve") : _t("Approve");
    }

    async decide(how) {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        this.state.error = "";
        try {
            const answer = await this.orm.call("helpdesk.social.approval", "social_decide", [
                [this.approval.id],
                how,
                this.state.comment,
                this.state.newer,
            ]);
            if (answer.ok) {
                this.props.close();
            } else {
                this.state.error = answer.error;
                this.state.newer = Boolean(answer.newer);
            }
            await this.props.onDone();
        } catch (error) {
            this.state.error = error.data?.message || _t("That did not work. Please try again.");
        } finally {
            this.state.busy = false;
        }
    }
}
