import { Component, onWillStart, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { KeepLast } from "@web/core/utils/concurrency";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

const WAIT_MS = 200;

/** Which ticket? Those of the same person first; by number, title or name. */
export class InboxAttachDialog extends Component {
    static template = "helpdesk_social.InboxAttachDialog";
    static components = { Dialog };
    static props = { messageIds: Array, onChosen: Function, close: Function };

    setup() {
        this.orm = useService("orm");
        this.keep = new KeepLast();
        this.state = useState({ tickets: [], at: 0, term: "", looked: false });
        this.search = useDebounced(() => this.look(), WAIT_MS);
        useAutofocus();
        onWillStart(() => this.look());
    }

    async look() {
        const found = await this.keep.add(
            this.orm.silent.call("helpdesk.social.inbox", "find_tickets", [
                this.state.term,
                this.props.messageIds,
            ])
        );
        Object.assign(this.state, { tickets: found, at: 0, looked: true });
    }

    onInput(ev) {
        this.state.term = ev.target.value;
        this.search();
    }

    onKeydown(ev) {
        const step = { ArrowDown: 1, ArrowUp: -1 }[ev.key];
        if (step) {
            ev.preventDefault();
            const last = this.state.tickets.length - 1;
            this.state.at = Math.max(0, Math.min(last, this.state.at + step));
        } else if (ev.key === "Enter") {
            ev.preventDefault();
            const ticket = this.state.tickets[this.state.at];
            if (ticket) {
                this.choose(ticket);
            }
        }
    }

    choose(ticket) {
        this.props.close();
        this.props.onChosen(ticket);
    }
}
