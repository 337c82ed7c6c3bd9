/** An agent triages the inbox with the keyboard; customers write in the sandbox. */

import { registry } from "@web/core/registry";

const press = (key) => `press ${key}`;

registry.category("web_tour.tours").add("helpdesk_social_inbox", {
    steps: () => [
        {
            content: "What waits is open, the oldest first",
            trigger: ".o_inbox_part.active:contains(Waiting for us)",
        },
        { trigger: ".o_inbox_current .o_inbox_who:contains(Jo)" },
        {
            content: "What has no ticket stands apart",
            trigger: ".o_inbox_part[data-part=loose] .o_inbox_count:contains(2)",
        },
        { trigger: "body", run: press("2") },
        {
            trigger: ".o_inbox_part.active:contains(Without ticket)",
        },
        {
            content: "It says which rule kept it out, and why",
            trigger: ".o_inbox_reasons:contains(Rule “No ticket for thanks”)",
        },
        { trigger: ".o_inbox_current .o_inbox_preview:contains(Thank you)" },
        {
            content: "The next one",
            trigger: "body",
            run: press("j"),
        },
        { trigger: ".o_inbox_current .o_inbox_preview:contains(Thanks)" },
        { content: "Open a ticket", trigger: "body", run: press("o") },
        { trigger: ".o_inbox_toast:contains(opened)" },
        { trigger: ".o_inbox_part[data-part=loose] .o_inbox_count:contains(1)" },
        { content: "No, as it was", trigger: "body", run: press("z") },
        { trigger: ".o_inbox_part[data-part=loose] .o_inbox_count:contains(2)" },
        { content: "Both at once", trigger: "body", run: press("shift+X") },
        { trigger: ".o_inbox_selected:contains(2 selected)" },
        { trigger: "body", run: press("i") },
        { trigger: ".o_inbox_toast:contains(2 messages ignored)" },
        { trigger: ".o_inbox_empty:contains(Nothing is left over)" },
        { trigger: "body", run: press("3") },
        { trigger: ".o_inbox_rows:has(.o_inbox_row:eq(1))" },
        { trigger: "body", run: press("1") },
        {
            content: "Attach the second question of Jo to the ticket of the first",
            trigger: ".o_inbox_current .o_inbox_who:contains(Jo)",
        },
        { trigger: "body", run: press("h") },
        { trigger: ".o_inbox_toast:contains(1 message handled)" },
        { trigger: ".o_inbox_part[data-part=waiting] .o_inbox_count:contains(0)" },
        { content: "The keys are told", trigger: "body", run: press("?") },
        { trigger: ".modal .o_inbox_keys:contains(Open a ticket)" },
        { trigger: ".modal .btn-primary:contains(Close)", run: "click" },
        { trigger: "body:not(:has(.modal))" },
    ],
});
