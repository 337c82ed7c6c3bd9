/** Length, parts and price of what is being written, as the chosen network counts. */

import { onWillDestroy, useState } from "@odoo/owl";

import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

/** Quiet time before the network's count is asked for. */
const MEASURE_MS = 300;
const NOTHING = { length: 0, limit: 0, parts: [], cost: "", known: false, error: "", preview: "", concerns: [] };

/**
 * @param {number} ticketId
 * @param {() => {option: Object | undefined, text: string, files: number,
 *     consent?: Object, template?: Object | null}} subject what to count now; with files along, some networks take less text
 */
export function useMeasure(ticketId, subject) {
    const orm = useService("orm");
    const state = useState({ ...NOTHING });
    let gone = false;
    onWillDestroy(() => (gone = true));

    async function measure() {
        const { option, text, files, consent, template } = subject();
        if (!option || !(template ? template.full : text.trim())) {
            Object.assign(state, NOTHING);
            return;
        }
        let found;
        try {
            found = await orm.silent.call("helpdesk.ticket", "social_measure", [
                [ticketId],
                text,
                option.id,
                files || 0,
                consent || {},
                ...(template ? [{ id: template.id, values: { ...template.values } }] : []),
            ]);
        } catch {
            // counting is a comfort; the server counts again when it is sent
            found = {};
        }
        const now = subject();
        const same = text === now.text && template === now.template;
        if (!gone && same && option.id === now.option?.id) {
            Object.assign(state, NOTHING, found, { known: "length" in found });
        }
    }
    const soon = useDebounced(measure, MEASURE_MS);

    return {
        state,
        soon,
        forget() {
            Object.assign(state, NOTHING);
        },
        get words() {
            if (!state.known) {
                return "";
            }
            return state.limit ? `${state.length} / ${state.limit}` : `${state.length}`;
        },
        /** The posts that it would become, when more than one. */
        get parts() {
            return state.parts.length > 1 ? state.parts : [];
        },
        get tooLong() {
            return Boolean(state.limit && state.length > state.limit && !this.parts.length);
        },
    };
}
