import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** A manager tries the product without any network: customers write. */
tours.add("helpdesk_social_sandbox_customers", {
    steps: () => [
        {
            content: "nothing is there yet but an offer",
            trigger: ".o_sandbox_start button[name=start]",
            run: "click",
        },
        {
            trigger: ".o_sandbox_bar button[name=play_public]:enabled",
            run: "click",
        },
        {
            content: "the complaint is on the wall",
            trigger: ".o_sandbox_post:contains(order 4711)",
        },
        {
            content: "and was fetched",
            trigger: ".o_notification:contains(Fetched)",
        },
        {
            trigger: ".o_sandbox_handle:enabled",
            run: "edit nia",
        },
        {
            trigger: ".o_sandbox_say textarea",
            run: "edit where is my tea?",
        },
        {
            trigger: ".o_sandbox_say button[name=say]:enabled",
            run: "click",
        },
        {
            trigger: ".o_sandbox_post:contains(@nia):contains(where is my tea?)",
        },
        {
            trigger: ".o_sandbox_bar button[name=play_private]:enabled",
            run: "click",
        },
        {
            content: "a private question has an inbox of its own",
            trigger: ".o_sandbox_places [data-place^=dm]:contains(Mika)",
            run: "click",
        },
        {
            trigger: ".o_sandbox_private .o_sandbox_post:contains(order 4802)",
        },
        {
            trigger: ".o_sandbox_bar button[name=open_play]",
            run: "click",
        },
        {
            trigger: ".modal .o_sandbox_play button[name=action_group]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=result]:contains(On the wall: 1.)",
        },
        {
            trigger: ".modal footer button:contains(Close)",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_sandbox_places :contains(Neighbours)",
        },
    ],
});

/** Later: our answers are seen as the customers see them, and they go on. */
tours.add("helpdesk_social_sandbox_answers", {
    steps: () => [
        {
            content: "our public answer stands below the complaint",
            trigger: ".o_sandbox_thread:contains(order 4711) .o_sandbox_us:contains(On its way)",
        },
        {
            trigger: ".o_sandbox_us button:contains(Like):enabled",
            run: "click",
        },
        {
            trigger: ".o_sandbox_us .o_sandbox_likes:contains(1)",
        },
        {
            trigger: ".o_sandbox_bar button[name=play_follow_up]:enabled",
            run: "click",
        },
        {
            trigger: ".o_sandbox_thread:contains(order 4711) .o_sandbox_post:nth-child(3)",
        },
        {
            content: "an accident is practised",
            trigger: "#o_sandbox_fault:enabled",
            run: "select down",
        },
        {
            trigger: ".o_sandbox_switch:contains(Until you switch it off)",
        },
        {
            trigger: ".o_sandbox_places button:contains(Fetch now):enabled",
            run: "click",
        },
        {
            content: "what went wrong is said plainly",
            trigger: ".modal:contains(cannot be reached) .btn-primary",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) #o_sandbox_fault:enabled",
            run: "selectByLabel All is well",
        },
        {
            trigger: ".o_sandbox_switch:not(:contains(Until you switch it off))",
        },
    ],
});
