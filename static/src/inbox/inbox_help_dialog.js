import { Component, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { groupBy } from "@web/core/utils/arrays";

import { ACTS, keysOff, MOVES, setKeysOff } from "./inbox_keys";

/** The keys of the inbox, and the switch for those who cannot use them. */
export class InboxHelpDialog extends Component {
    static template = "helpdesk_social.InboxHelpDialog";
    static components = { Dialog };
    static props = { onSwitch: Function, close: Function };

    setup() {
        this.moves = MOVES;
        // one key, what it does: blocking and unblocking share theirs
        this.acts = Object.entries(groupBy(Object.values(ACTS), "key"));
        this.state = useState({ off: keysOff() });
    }

    toggle() {
        this.state.off = !this.state.off;
        setKeysOff(this.state.off);
        this.props.onSwitch();
    }
}
