/**
 * Lists and boards that are about tickets or what was said are read again by themselves
 * when something changed: only while somebody sees them, never while somebody edits, and
 * with what was selected still selected. Nothing here knows what changed: it asks.
 */

import { onWillUnmount, status, useComponent } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { ListController } from "@web/views/list/list_controller";

/** What is shown of these follows from what people say to us. */
export const LIVE = new Set([
    "helpdesk.ticket",
    "helpdesk.ticket.team",
    "helpdesk.social.message",
    "helpdesk.social.conversation",
]);
/** Between two looks: as quick as an eye wants it, slower while it does not stop. */
export const SOON_MS = 1000;
const MOST_MS = 15000;
/** Quiet time after which it is quick again. */
const QUIET_MS = 30000;

/** The list's records by their ids, grouped or not. */
function selectedIds(root) {
    return new Set((root.selection || []).map((record) => record.resId));
}

export function useLiveView(controller) {
    const live = useService("helpdesk_social_live");
    const component = useComponent();
    let timer, wait, last;

    const isBusy = () => {
        const { root } = controller.model;
        return (
            document.hidden ||
            root.editedRecord ||
            root.isDomainSelected ||
            document.querySelector(".o_dragged, .o_record_selected.o_dragging")
        );
    };

    async function look() {
        timer = undefined;
        if (status(component) !== "mounted") {
            return;
        }
        if (isBusy()) {
            timer = browser.setTimeout(look, SOON_MS);
            return;
        }
        const { root } = controller.model;
        const selected = selectedIds(root);
        await root.load();
        if (status(component) !== "mounted") {
            return;
        }
        for (const record of root.records || []) {
            if (selected.has(record.resId) && !record.selected) {
                record.toggleSelection(true);
            }
        }
        controller.model.notify();
    }

    function heard() {
        const now = Date.now();
        wait = last && now - last < QUIET_MS ? Math.min(wait * 1.5, MOST_MS) : SOON_MS;
        if (timer === undefined) {
            last = now;
            timer = browser.setTimeout(look, wait);
        }
    }

    const stop = live.listenAll(heard);
    onWillUnmount(() => {
        stop();
        browser.clearTimeout(timer);
    });
}

patch(ListController.prototype, {
    setup() {
        super.setup(...arguments);
        if (LIVE.has(this.props.resModel)) {
            useLiveView(this);
        }
    },
});

patch(KanbanController.prototype, {
    setup() {
        super.setup(...arguments);
        if (LIVE.has(this.props.resModel)) {
            useLiveView(this);
        }
    },
});
