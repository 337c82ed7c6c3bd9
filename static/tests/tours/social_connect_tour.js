import { registry } from "@web/core/registry";

/** An admin connects an account: a wrong try says why, the next one works. */
registry.category("web_tour.tours").add("helpdesk_social_connect", {
    steps: () => [
        {
            trigger: ".o_kanban_record:contains(Push) button:contains(Connect)",
            run: "click",
        },
        {
            content: "the form asks what the adapter asks",
            trigger: ".modal label:contains(Access token)",
        },
        {
            content: "named as the adapter names it",
            trigger: ".modal .o_field_widget[name=server] label:contains(Server)",
        },
        {
            trigger: ".modal .o_field_widget[name=server] input",
            run: "edit https://one.example.com",
        },
        {
            content: "a secret is not shown while it is typed",
            trigger: ".modal input[type=password]#social_setting_access_token",
            run: "edit my-token",
        },
        {
            content: "what hardly anybody needs is folded away",
            trigger: ".modal details.o_helpdesk_social_more:not([open]) summary",
            run: "click",
        },
        {
            trigger: ".modal details[open] input[type=text]#social_setting_nickname",
            run: "edit Ann",
        },
        {
            trigger: ".modal footer button[name=action_connect]:visible",
            run: "click",
        },
        {
            content: "why it did not work",
            trigger: ".modal .o_field_widget[name=result]:contains(cannot be reached)",
        },
        {
            content: "what is not as usual is in sight",
            trigger:
                ".modal details[open].o_helpdesk_social_more #social_setting_nickname:value(Ann)",
        },
        {
            content: "the secret was stored and is asked for no more",
            trigger: ".modal #social_setting_access_token[placeholder^=Stored]:empty",
        },
        {
            trigger: ".modal footer button[name=action_connect]:visible",
            run: "click",
        },
        {
            content: "the check list says what works",
            trigger: ".modal li[data-key=credentials][data-mark=good]:contains(we are @us there)",
        },
        {
            trigger: ".modal footer button[name=action_open_account]:visible",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_arrow_button_current:contains(Connected)",
        },
        {
            content: "the same list on the form",
            trigger: ".o_form_sheet li[data-key=delivery][data-mark=good]",
        },
        {
            trigger: ".o_form_sheet li[data-key=scopes] summary",
            run: "click",
        },
        {
            trigger: ".o_form_sheet li[data-key=scopes] details[open] code:contains(read)",
        },
        {
            trigger: "button[name=action_pause]",
            run: "click",
        },
        {
            trigger: ".o_form_view button[name=action_resume]",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_arrow_button_current:contains(Connected)",
        },
    ],
});
