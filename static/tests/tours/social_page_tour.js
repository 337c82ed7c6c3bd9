/** An agent answers a customer in public and in private from the ticket form. */

import { registry } from "@web/core/registry";
import { enter, send } from "./keyboard";

registry.category("web_tour.tours").add("helpdesk_social_page", {
    steps: () => [
        {
            content: "The Social page is open, with the customer's post",
            trigger: ".o_notebook .nav-link.active:contains(Social)",
        },
        { trigger: ".o_social_message.o_social_waiting .o_social_text:contains(My parcel)" },
        {
            content: "Nothing public is open by itself",
            trigger: ".o_social_composer.o_social_closed:not(:has(textarea))",
        },
        {
            content: "Answer publicly, on purpose",
            trigger: ".o_social_message .o_social_reply:contains(Reply publicly)",
            run: enter,
        },
        {
            trigger: ".o_social_composer.o_social_public textarea",
            run: "edit We are looking into it.",
        },
        {
            content: "The network's count has come",
            trigger: ".o_social_count:contains(23 / )",
        },
        { trigger: ".o_social_send:enabled:contains(Reply publicly as)" },
        { trigger: ".o_social_composer textarea", run: send },
        {
            trigger:
                ".o_social_own.o_social_public .o_social_text:contains(We are looking into it.)",
        },
        {
            content: "It is closed again: the next public answer is a new decision",
            trigger: ".o_social_composer.o_social_closed",
        },
        {
            trigger: ".o_social_message .o_social_reply:contains(Reply privately)",
            run: enter,
        },
        {
            trigger: ".o_social_composer.o_social_private textarea",
            run: "edit Could you send us your address?",
        },
        { trigger: ".o_social_send:enabled:contains(Reply privately as)" },
        { trigger: ".o_social_composer textarea", run: send },
        {
            trigger: ".o_social_own.o_social_private .o_social_text:contains(your address)",
        },
        {
            content: "The first message needs nothing more",
            trigger: ".o_social_message .btn:contains(No answer needed)",
            run: enter,
        },
        { trigger: ".o_social_bar:contains(Nobody waits for us)" },
    ],
});
