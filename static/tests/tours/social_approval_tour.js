/** Nothing leaves at once: time to undo, and a second person. */

import { registry } from "@web/core/registry";
import { enter, send } from "./keyboard";

const tours = registry.category("web_tour.tours");

const open = [
    {
        trigger: ".o_social_message .o_social_reply:contains(Reply publicly)",
        run: enter,
    },
];
const write = (text) => ({
    trigger: ".o_social_composer.o_social_public textarea",
    run: `edit ${text}`,
});

tours.add("helpdesk_social_undo", {
    steps: () => [
        ...open,
        write("Ask your mother"),
        { trigger: ".o_social_send:enabled:contains(Reply publicly as)" },
        { trigger: ".o_social_composer.o_social_public textarea", run: send },
        {
            content: "It counts down, and can be taken back",
            trigger: ".o_social_own .o_social_delivery:contains(leaves in)",
        },
        { trigger: ".o_social_own .o_social_actions .btn:contains(Undo)", run: enter },
        {
            content: "The words are in the composer again",
            trigger: ".o_social_composer.o_social_public textarea:value(Ask your mother)",
        },
        write("We are looking into it."),
        { trigger: ".o_social_send:enabled:contains(Reply publicly as)" },
        { trigger: ".o_social_composer.o_social_public textarea", run: send },
        { trigger: ".o_social_own .o_social_text:contains(We are looking into it.)" },
        {
            content: "Nobody takes it back: it leaves",
            trigger: ".o_social_own .o_social_delivery:contains(Queued)",
            timeout: 20000,
        },
    ],
});

tours.add("helpdesk_social_stale", {
    steps: () => [
        ...open,
        write("We are looking into it."),
        { content: "The network's count has come", trigger: ".o_social_count:contains(/ )" },
        { trigger: ".o_social_send:enabled:contains(Reply publicly as)" },
        { trigger: ".o_social_composer.o_social_public textarea", run: send },
        {
            content: "It is stopped, with what happened",
            trigger: ".o_social_composer .o_social_error:contains(Meanwhile: a new message)",
        },
        { trigger: ".o_social_message .o_social_text:contains(a neighbour has it)" },
        {
            content: "The words are still there, and may be others now",
            trigger: ".o_social_composer textarea:value(We are looking into it.)",
            run: "edit Glad to hear that!",
        },
        { trigger: ".o_social_send:enabled:contains(Reply publicly as)" },
        { trigger: ".o_social_composer.o_social_public textarea", run: send },
        { trigger: ".o_social_own .o_social_text:contains(Glad to hear that!)" },
    ],
});

tours.add("helpdesk_social_approval_ask", {
    steps: () => [
        ...open,
        write("We refund everything"),
        {
            content: "The button says that somebody else looks first",
            trigger: ".o_social_send:enabled:contains(Ask for approval)",
            run: enter,
        },
        { trigger: ".o_social_own .o_social_note:contains(waits for approval)" },
        {
            trigger: ".o_social_own .o_social_actions .btn:contains(Talk about it)",
            run: enter,
        },
        { trigger: ".modal textarea", run: "edit Is that all right?" },
        { trigger: ".modal .btn:enabled:contains(Only comment)", run: enter },
        { trigger: "body:not(:has(.modal))" },
    ],
});

tours.add("helpdesk_social_approval_decide", {
    steps: () => [
        {
            trigger: ".o_social_own .o_social_actions .btn:contains(Approve or send back)",
            run: enter,
        },
        { trigger: ".modal li:contains(Is that all right?)" },
        { trigger: ".modal textarea", run: "edit Well said" },
        { trigger: ".modal .btn:enabled:contains(Approve)", run: enter },
        { trigger: ".o_social_own .o_social_note:contains(approved by)" },
        { trigger: ".o_social_own .o_social_delivery:contains(Queued)" },
    ],
});
