/** Who is this? Linked with one click, taken back, asked for a proof. */

import { registry } from "@web/core/registry";
import { enter } from "./keyboard";

const tours = registry.category("web_tour.tours");

tours.add("helpdesk_social_who", {
    steps: () => [
        {
            content: "A suggestion with its reason and how sure it is",
            trigger: ".o_social_card_question:contains(This may be Jo Miller):contains(possible)",
        },
        { trigger: ".o_social_card_question .btn:contains(Not them)", run: enter },
        {
            trigger: ".o_social_card_question:contains(never suggested again) .btn:contains(Undo)",
            run: enter,
        },
        { trigger: ".o_social_card_question .btn:contains(Yes, link)", run: enter },
        { trigger: ".o_social_card_question:contains(Linked to Jo Miller)" },
        {
            content: "What is known is asked for when it is opened",
            trigger: ".o_social_card_toggle[aria-expanded=false]",
            run: enter,
        },
        { trigger: ".o_social_card_contact:contains(Jo Miller)" },
        { trigger: ".o_social_card [data-code=tickets] dd:contains(1)" },
        { trigger: ".o_social_card [data-code=reach] dd:contains(12,345)" },
        {
            trigger: ".o_social_composer .o_social_private_way, .o_social_message .o_social_reply:contains(Reply privately)",
            run: enter,
        },
        { trigger: ".o_social_proof .btn:contains(Ask for proof)", run: enter },
        { trigger: ".o_social_proof .btn:contains(Send the code)", run: enter },
        {
            trigger:
                ".o_social_own .o_social_text:contains(we have sent a code to the e-mail address)",
        },
        { trigger: ".o_social_proof:contains(A code was mailed to j…r@example.com)" },
    ],
});

tours.add("helpdesk_social_proved", {
    steps: () => [
        { trigger: ".o_social_card .o_social_proved:contains(verified until)" },
        { trigger: ".o_social_message .o_social_note:contains(Sent the code back)" },
        { trigger: ".o_social_message .o_social_head .o_social_proved" },
    ],
});

tours.add("helpdesk_social_complaint", {
    steps: () => [
        { trigger: ".o_form_view .o_social_complaint:contains(Complains in public)" },
        {
            trigger: ".o_social_complaint .btn:contains(See what was said)",
            run: enter,
        },
        { trigger: ".o_list_view, .o_kanban_view" },
        { trigger: ".o_content:contains(It broke)" },
    ],
});
