/** An agent answers with what colleagues answered before, and what is kept under "::". */

import { registry } from "@web/core/registry";
import { enter } from "./keyboard";

registry.category("web_tour.tours").add("helpdesk_social_suggest", {
    steps: () => [
        {
            trigger: ".o_social_message .o_social_reply:contains(Reply publicly)",
            run: enter,
        },
        {
            content: "What colleagues answered, with this person's name and why",
            trigger:
                ".o_social_suggest_one:contains(Hi Ann, please restart):contains(Used 2 times)",
        },
        {
            content: "Not that one",
            trigger: ".o_social_suggest_one:contains(send it back) .o_social_suggest_dismiss",
            run: enter,
        },
        {
            content: "By key",
            trigger:
                ".o_social_composer:not(:has(.o_social_suggest_one:contains(send it back))) textarea",
            run: "press Alt+1",
        },
        {
            trigger: ".o_social_composer:has(.o_social_suggest_undo) textarea:value(/^Hi Ann, please/)",
            run: "edit Hi Ann, please restart the lamp by its switch. Does it help? ::",
        },
        {
            content: "A canned response, filled for the public",
            trigger: ".o_social_canned li:contains(::greet):contains(Yours, @us)",
            run: "hover",
        },
        {
            trigger: ".o_social_composer textarea",
            run: "edit Hi Ann, please restart the lamp by its switch. Does it help?",
        },
        {
            trigger: ".o_social_send:enabled:contains(Reply publicly as)",
            run: enter,
        },
        { trigger: ".o_social_own.o_social_public .o_social_text:contains(Does it help?)" },
    ],
});
