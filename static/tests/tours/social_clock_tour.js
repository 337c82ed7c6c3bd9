/** An agent sees who is late, says that we are at it, and finds the clock still running. */

import { registry } from "@web/core/registry";
import { enter, send, space } from "./keyboard";

registry.category("web_tour.tours").add("helpdesk_social_clock", {
    steps: () => [
        {
            content: "Late answers are found by their filter, in words and by an icon",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        { trigger: ".o_filter_menu .o_menu_item:contains(Answer Late)", run: "click" },
        { trigger: "body:not(:has(.o_data_row:contains(Not urgent)))" },
        {
            trigger:
                ".o_data_row:contains(Where is my parcel) .o_social_clock:contains(late) .fa-exclamation-triangle",
        },
        {
            trigger: ".o_data_row:contains(Where is my parcel) td[name=name]",
            run: "click",
        },
        {
            content: "The page says who is late, and with what",
            trigger:
                ".o_social_clock_bar .o_social_clock:contains(First public answer):contains(late)",
        },
        {
            trigger: ".o_social_message .o_social_reply:contains(Reply publicly)",
            run: enter,
        },
        {
            trigger: ".o_social_composer.o_social_public textarea",
            run: "edit We are at it.",
        },
        { trigger: ".o_social_holding input:not(:checked)", run: space },
        { trigger: ".o_social_holding input:checked" },
        { trigger: ".o_social_send:enabled:contains(Reply publicly as)" },
        { trigger: ".o_social_composer.o_social_public textarea", run: send },
        { trigger: ".o_social_own .o_social_text:contains(We are at it.)" },
        {
            content: "People go on waiting",
            trigger: ".o_social_clock_bar .o_social_clock:contains(late)",
        },
        {
            trigger: ".o_social_message .btn:contains(No answer needed)",
            run: enter,
        },
        {
            content: "Nobody waits: no deadline is left",
            trigger: ".o_social_bar:contains(Nobody waits for us):not(:has(.o_social_clock))",
        },
    ],
});
