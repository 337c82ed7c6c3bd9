/**
 * Where features of the desk join the page: each registers itself from a folder of its
 * own, and neither composer nor timeline knows of it.
 *
 * - composer_panels: `{ Component, place: "head" | "below" | "foot", isShown?(composer) }`
 * - timeline_bar, timeline_aside: `{ Component, isShown?(timeline) }`
 * - message_acts: `{ icon, label, primary?, isShown?(message, thread), run(context) }`
 *
 * The host's `desk` holds what the features told with the composer (`_social_desk`).
 */

import { registry } from "@web/core/registry";

/** @returns {Array<[string, Object]>} entries of one place, in their sequence */
export function seam(name, host, place) {
    return registry
        .category(`helpdesk_social.${name}`)
        .getEntries()
        .filter(
            ([, entry]) =>
                (!place || entry.place === place) && (!entry.isShown || entry.isShown(host))
        );
}

/**
 * The host as its panels get it: the same thing under a new identity in each rendering,
 * so that a panel is rendered along with its host.
 */
export function asProp(host) {
    return new Proxy(host, {});
}

/** What features offer to do with one message. */
export function messageActs(message, thread) {
    return registry
        .category("helpdesk_social.message_acts")
        .getEntries()
        .filter(([, act]) => !act.isShown || act.isShown(message, thread))
        .map(([name, act]) => ({ ...act, name, label: String(act.label) }));
}
