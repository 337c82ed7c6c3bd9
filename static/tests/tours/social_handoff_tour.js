/** From public to private, what a stranger may not, and closing in public. */

import { registry } from "@web/core/registry";
import { enter, send } from "./keyboard";

registry.category("web_tour.tours").add("helpdesk_social_handoff", {
    steps: () => [
        { trigger: ".o_social_message .o_social_text:contains(My lamp broke)" },
        {
            content: "What may be done with the public message",
            trigger: ".o_social_message:contains(My lamp broke) .o_social_more",
            run: enter,
        },
        { trigger: ".dropdown-item:contains(Move to private)", run: enter },
        {
            content: "The best way is chosen, and says what happens",
            trigger: ".o_social_handoff input[type=radio]:checked + label:contains(Write to @ann)",
        },
        {
            trigger: "#o_social_handoff_text",
            run: "edit Where do you live, please?",
        },
        {
            content: "The note is the account's, measured as the network counts",
            trigger: ".o_social_handoff_count:contains(/ 500)",
        },
        { trigger: ".o_social_handoff_go:enabled:contains(Send both)", run: enter },
        { trigger: ".o_social_own.o_social_private .o_social_text:contains(Where do you live)" },
        { trigger: ".o_social_own.o_social_public .o_social_text:contains(sent you a private message)" },
    ],
});

registry.category("web_tour.tours").add("helpdesk_social_handoff_page", {
    steps: () => [
        { trigger: ".o_social_message .o_social_text:contains(My lamp broke)" },
        {
            trigger: ".o_social_message:contains(My lamp broke) .o_social_reply:contains(Reply publicly)",
            run: enter,
        },
        {
            content: "From the public answer one sees that this belongs elsewhere",
            trigger: ".o_social_composer .o_social_handoff_open",
            run: enter,
        },
        {
            content: "A network without private messages: our own page",
            trigger: ".o_social_handoff input[type=radio]:checked + label:contains(our own private page)",
        },
        { trigger: "#o_social_handoff_text", run: "edit Order 4711 is lost. We send another." },
        { trigger: ".o_social_handoff_count:contains(/ 500)" },
        { trigger: ".o_social_handoff_go:enabled:contains(Send both)", run: enter },
        { trigger: ".o_social_own.o_social_private .o_social_text:contains(Order 4711)" },
        { trigger: ".o_social_own.o_social_public .o_social_text:contains(write to us in private)" },
    ],
});

registry.category("web_tour.tours").add("helpdesk_social_handoff_close", {
    steps: () => [
        {
            content: "It was solved in private; the public was told nothing",
            trigger: ".o_social_handoff_aside:contains(still open) button:contains(Close in public)",
            run: enter,
        },
        {
            content: "Proposed, not said",
            trigger: ".o_social_composer.o_social_public textarea:value(Solved in private. Thank you for your patience!)",
        },
        { trigger: ".o_social_send:enabled:contains(Reply publicly as)" },
        { trigger: ".o_social_composer.o_social_public textarea", run: send },
        { trigger: ".o_social_own.o_social_public .o_social_text:contains(Solved in private)" },
    ],
});

registry.category("web_tour.tours").add("helpdesk_social_handoff_same", {
    steps: () => [
        {
            content: "Somebody else came with the invitation: a person decides",
            trigger:
                ".o_social_handoff_aside:contains(@ann_elsewhere):contains(came with the invitation of @ann) button:contains(join)",
            run: enter,
        },
        {
            content: "The conversation goes on in the inviting ticket",
            trigger: ".o_social_message .o_social_text:contains(It is me)",
        },
        { trigger: ".o_social_message .o_social_text:contains(My lamp broke)" },
        { trigger: ".o_social:not(:has(.o_social_handoff_aside))" },
    ],
});
