/** Past the window: a template is chosen, filled and sent without touching a mouse. */

import { registry } from "@web/core/registry";

const focused = (selector) => `${selector}:focus`;

registry.category("web_tour.tours").add("helpdesk_social_template", {
    steps: () => [
        {
            content: "Why free words are not allowed",
            trigger: ".o_social_door small:contains(approved template)",
        },
        {
            trigger: ".o_social_door .o_social_way",
            run: () => document.querySelector(".o_social_door .o_social_way").focus(),
        },
        { trigger: focused(".o_social_way"), run: "press Enter" },
        {
            trigger: ".o_social_template_door",
            run: () => document.querySelector(".o_social_template_door").focus(),
        },
        { trigger: focused(".o_social_template_door"), run: "press Enter" },
        {
            content: "The choice has the focus; what is paused cannot be chosen",
            trigger: `${focused("#o_social_template_name")}:has(option:disabled:contains(spring offer))`,
            run: "select parcel_found",
        },
        {
            content: "Filled from the ticket, as far as it is known",
            trigger: 'input[data-gap="header.customer_name"]:value(Ann)',
        },
        { trigger: ".o_social_send:disabled" },
        { trigger: 'input[data-gap="body.day"]', run: "edit Friday" },
        {
            content: "What she will read",
            trigger:
                ".o_social_template_preview:contains(Good news, Ann):contains(It will be with you on Friday.)",
        },
        { trigger: ".o_social_send:enabled:contains(Reply privately as)" },
        { trigger: 'input[data-gap="body.day"]', run: "press ctrl+Enter" },
        { trigger: ".o_social_own .o_social_text:contains(It will be with you on Friday.)" },
        {
            content: "Another one needs another template",
            trigger: ".o_social_composer:not(:has(.o_social_template)) .o_social_template_door",
        },
    ],
});
