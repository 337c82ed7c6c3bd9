/**
 * Lists and boards that are about tickets, contacts or what was said are read again by
 * themselves when something changed: only while somebody sees them, never while somebody
 * edits, and with what was selected still selected. Nothing here knows what changed: it
 * asks.
 */

import { onWillUnmount } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { ListController } from "@web/views/list/list_controller";

import { usePace } from "./live_pace";

/** What is shown of these follows from what people say to us, and from what we do. */
export const LIVE = new Set([
    "helpdesk.ticket",
    "helpdesk.ticket.team",
    "helpdesk.social.account",
    "helpdesk.social.approval",
    "helpdesk.social.clock",
    "helpdesk.social.conversation",
    "helpdesk.social.identity",
    "helpdesk.social.message",
]);
/** What is late becomes so without anything happening. */
const BY_TIME = /social_due|social_clock|deadline|clock_due|'state', '=', 'late'|"state","=","late"/;
const MINUTE_MS = 60000;

/** The list's records by their ids, grouped or not. */
function selectedIds(root) {
    return new Set((root.selection || []).map((record) => record.resId));
}

/** Contacts on the screen, or false: any may have to be on it now. */
export function shownContacts(root) {
    const asked = JSON.stringify(root.domain || []);
    return asked.includes("social_") ? false : (root.records || []).map((one) => one.resId);
}

export function useLiveView(controller) {
    const live = useService("helpdesk_social_live");

    const isBusy = () => {
        const { root } = controller.model;
        return (
            root.editedRecord ||
            root.isDomainSelected ||
            document.querySelector(".o_dragged, .o_record_selected.o_dragging")
        );
    };

    async function look(isThere) {
        const { root } = controller.model;
        const selected = selectedIds(root);
        await root.load();
        if (!isThere()) {
            return;
        }
        for (const record of root.records || []) {
            if (selected.has(record.resId) && !record.selected) {
                record.toggleSelection(true);
            }
        }
        controller.model.notify();
    }

    const heard = usePace(look, isBusy);
    const stop =
        controller.props.resModel === "res.partner"
            ? live.listenContacts(() => shownContacts(controller.model.root), heard)
            : live.listenAll(heard);
    const timer = browser.setInterval(() => {
        if (BY_TIME.test(JSON.stringify(controller.model.root?.domain || []))) {
            heard();
        }
    }, MINUTE_MS);
    onWillUnmount(() => {
        stop();
        browser.clearInterval(timer);
    });
}

/** Of contacts only what shows complaints: theirs change seldom, and are many. */
function isLive(controller) {
    const { archInfo, resModel } = controller.props;
    return (
        LIVE.has(resModel) ||
        (resModel === "res.partner" &&
            Object.values(archInfo.fieldNodes).some((node) => node.name?.startsWith("social_")))
    );
}

for (const Controller of [ListController, KanbanController]) {
    patch(Controller.prototype, {
        setup() {
            super.setup(...arguments);
            if (isLive(this)) {
                useLiveView(this);
            }
        },
    });
}
