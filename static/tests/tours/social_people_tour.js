/** Several people on one ticket; and a thread that goes viral. */

import { registry } from "@web/core/registry";
import { enter, send } from "./keyboard";

const tours = registry.category("web_tour.tours");

tours.add("helpdesk_social_people", {
    steps: () => [
        {
            content: "Who takes part, and who waits",
            trigger: ".o_social_people_toggle:contains(3 people)",
        },
        {
            content: "Only what concerns Bob",
            trigger: ".o_social_person_chip:contains(Bob)",
            run: enter,
        },
        {
            trigger: ".o_social_scroller:not(:contains(Which one?)) .o_social_text:contains(Mine too)",
        },
        { trigger: ".o_social_people_only .btn:contains(Show all)", run: enter },
        { trigger: ".o_social_scroller .o_social_text:contains(The lamp broke)" },
        { trigger: ".o_social_people_toggle", run: enter },
        {
            content: "Answer Cat from the list",
            trigger: ".o_social_person:contains(Cat) .btn:contains(Answer)",
            run: enter,
        },
        { trigger: ".o_social_composer.o_social_public textarea", run: "edit Which lamp, Cat?" },
        { trigger: ".o_social_send:enabled:contains(Reply publicly as)" },
        { trigger: ".o_social_composer.o_social_public textarea", run: send },
        { trigger: ".o_social_own .o_social_text:contains(Which lamp, Cat?)" },
        {
            content: "Bob gets a ticket of his own",
            trigger: ".o_social_person:contains(Bob) .btn:contains(Split off)",
            run: enter,
        },
        { trigger: ".modal .btn-primary:contains(Split off)", run: enter },
        { trigger: ".o_social_move:contains(@bob was split off into)" },
        { trigger: ".o_social_scroller:not(:contains(Mine too))" },
        {
            content: "It was a mistake",
            trigger: ".o_social_move .btn:contains(Take back)",
            run: enter,
        },
        { trigger: ".o_social_scroller .o_social_text:contains(Mine too)" },
        { trigger: "body:not(:has(.o_social_move))" },
    ],
});

tours.add("helpdesk_social_incident", {
    steps: () => [
        { trigger: ".o_social_incident:contains(30 people):contains(30 wait for us)" },
        {
            trigger: ".o_social_incident .btn:contains(Holding statement)",
            run: enter,
        },
        { trigger: ".modal textarea", run: "edit We read all of it and answer soon." },
        { trigger: ".modal .btn-primary:enabled", run: enter },
        { trigger: ".o_social_incident_holding:contains(We read all of it)" },
        {
            content: "People go on waiting",
            trigger: ".o_social_incident:contains(30 wait for us):not(:has(.btn:contains(Holding)))",
        },
        { trigger: ".o_social_incident .btn:contains(Answer people)", run: enter },
        {
            trigger: ".modal textarea:first",
            run: "edit Sorry about that!",
        },
        { trigger: ".modal .btn-primary:enabled:contains(30 people)", run: enter },
        {
            content: "The very same words for all are no answer",
            trigger: ".modal [role=alert]:contains(very same words)",
        },
        { trigger: ".modal textarea:eq(1)", run: "edit {{name}}, we are sorry." },
        { trigger: ".modal .btn-primary:enabled", run: enter },
        {
            trigger: "body:not(:has(.modal)) .o_social_incident_paced:contains(0 of 30 answered):contains(30 to come)",
        },
        { trigger: ".o_social_incident_paced .btn:contains(Stop)", run: enter },
        { trigger: ".o_social_incident [role=status]:contains(Stopped)" },
        { trigger: ".o_social_incident_paced:contains(passed over):not(:has(.btn))" },
    ],
});

tours.add("helpdesk_social_merge", {
    steps: () => [
        { trigger: ".o_social_scroller .o_social_text:contains(The kettle leaks)" },
        {
            content: "It is the matter of another ticket",
            trigger: ".o_cp_action_menus button:has(.fa-cog)",
            run: enter,
        },
        { trigger: ".o-dropdown-item:contains(Merge into…)", run: enter },
        { trigger: ".modal .o_field_widget[name=target_id] input", run: "edit The lamp broke" },
        { trigger: ".o-autocomplete--dropdown-item:contains(The lamp broke)", run: "click" },
        { trigger: ".modal:contains(Tickets that go: 1, with conversations: 1)" },
        { trigger: ".modal button[name=action_merge]:enabled", run: enter },
        {
            content: "Both conversations stand on one line of time",
            trigger:
                ".o_social_scroller:has(.o_social_text:contains(The lamp broke)) .o_social_text:contains(The kettle leaks)",
        },
        { trigger: ".o_social_move:contains(was merged)" },
        {
            content: "Each is answered where it was said",
            trigger:
                ".o_social_message:contains(The kettle leaks) .o_social_reply:contains(Reply publicly)",
            run: enter,
        },
        { trigger: ".o_social_composer.o_social_public textarea", run: "edit Send us the kettle" },
        { trigger: ".o_social_send:enabled:contains(Reply publicly as)" },
        { trigger: ".o_social_composer.o_social_public textarea", run: send },
        { trigger: ".o_social_own .o_social_text:contains(Send us the kettle)" },
        { trigger: ".o_social_move .btn:contains(Take back)", run: enter },
        {
            content: "What was said since goes along",
            trigger:
                ".o_social_scroller:not(:contains(Send us the kettle)) .o_social_text:contains(The lamp broke)",
        },
        { trigger: "body:not(:has(.o_social_move))" },
    ],
});
