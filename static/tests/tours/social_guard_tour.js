/** Private data in a public answer: sent privately, removed, let pass; and a customer's. */

import { registry } from "@web/core/registry";
import { enter } from "./keyboard";

const tours = registry.category("web_tour.tours");

const open = {
    trigger: ".o_social_message .o_social_reply:contains(Reply publicly)",
    run: enter,
};
const write = (text) => ({
    trigger: ".o_social_composer.o_social_public textarea",
    run: `edit ${text}`,
});
const send = { trigger: ".o_social_send:enabled:contains(Reply publicly as)", run: enter };

tours.add("helpdesk_social_guard", {
    steps: () => [
        open,
        write("Hi Margaret, we call +44 7400 123456 today"),
        {
            content: "Found while writing, with words and a reason each",
            trigger: ".o_social_guard li:contains(this customer's phone number)",
        },
        { trigger: ".o_social_guard li:contains(this customer's real name)" },
        {
            content: "It does not go out",
            ...send,
        },
        { trigger: ".o_social_composer .o_social_error:contains(This is public)" },
        {
            content: "Take the name out",
            trigger: ".o_social_guard li:contains(real name) .btn:contains(Remove)",
            run: enter,
        },
        {
            trigger:
                ".o_social_composer.o_social_public textarea:value(Hi , we call +44 7400 123456 today)",
        },
        { trigger: ".o_social_guard li:only-child:contains(phone number)" },
        {
            content: "The rest is said in private",
            trigger: ".o_social_guard .btn:contains(Send privately instead)",
            run: enter,
        },
        {
            trigger:
                ".o_social_composer.o_social_private textarea:value(Hi , we call +44 7400 123456 today)",
        },
        { trigger: ".o_social_composer:not(:has(.o_social_guard))" },
        { trigger: ".o_social_send:enabled:contains(Reply privately as)", run: enter },
        { trigger: ".o_social_own.o_social_private .o_social_text:contains(+44 7400 123456)" },
        {
            content: "Nothing of it is left in the public answer",
            ...open,
        },
        { trigger: ".o_social_composer.o_social_public textarea:value()" },
        write("Call our courier: 07400 654321"),
        { trigger: ".o_social_guard .btn:contains(Send anyway)", run: enter },
        { trigger: ".o_social_guard .btn-danger:disabled" },
        { trigger: ".o_social_guard input:focus", run: "edit The courier publishes it" },
        { trigger: ".o_social_guard .btn-danger:enabled" },
        { content: "By the keyboard", trigger: ".o_social_guard input", run: "press Enter" },
        {
            content: "It says what is let pass, and why",
            trigger: ".o_social_guard_passed:contains(The courier publishes it)",
        },
        send,
        { trigger: ".o_social_own.o_social_public .o_social_text:contains(07400 654321)" },
    ],
});

tours.add("helpdesk_social_guard_mirror", {
    steps: () => [
        { trigger: ".o_social_message .o_social_note:contains(shows a phone number to everybody)" },
        {
            trigger: ".o_social_message .btn:contains(Hide and invite to private)",
            run: enter,
        },
        { trigger: ".o_social_message .o_social_note:contains(hidden by us)" },
        {
            content: "The way to private is open",
            trigger: ".modal:contains(private)",
        },
        { trigger: ".modal", run: "press Escape" },
        { trigger: "body:not(:has(.modal))" },
        {
            content: "It cannot be hidden twice; inviting is still offered",
            trigger: ".o_social_message .btn:contains(Invite to private)",
        },
    ],
});
