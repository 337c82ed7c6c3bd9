/** Our own words are changed on the network; the old ones stay as a version. */

import { registry } from "@web/core/registry";
import { enter, send } from "./keyboard";

const textarea = ".modal .o_social_edit textarea";

registry.category("web_tour.tours").add("helpdesk_social_edit_own", {
    steps: () => [
        { trigger: ".o_social_own .o_social_text:contains(We look into ti)" },
        { trigger: ".o_social_own .o_social_more", run: enter },
        { trigger: ".dropdown-item:contains(Edit…)", run: "click" },
        { content: "Whoever edits sees who reads it", trigger: ".modal .o_social_edit:contains(Everyone can read this.)" },
        {
            content: "Nothing to save yet",
            trigger: ".modal .btn-primary:disabled:contains(Change it on the network)",
        },
        { trigger: textarea, run: "edit We call 07400 654321" },
        {
            content: "The guard looks while one writes",
            trigger: ".modal .o_social_guard li:contains(a phone number)",
        },
        { trigger: ".modal .btn-primary:enabled:contains(Change it on the network)", run: enter },
        { trigger: ".modal .o_social_error:contains(This is public)" },
        { trigger: textarea, run: "edit We look into it" },
        { content: "Counted as the network counts", trigger: ".modal .o_social_count:contains(15 /)" },
        { trigger: ".modal .o_social_edit:not(:has(.o_social_guard))" },
        { trigger: textarea, run: send },
        { trigger: "body:not(:has(.modal)) .o_social_own .o_social_text:contains(We look into it)" },
        { trigger: ".o_social_own .o_social_notes button:contains(edited)", run: enter },
        {
            content: "Who wrote which words",
            trigger: ".modal .o_social_version:last-child .o_social_text:contains(We look into ti)",
        },
        { trigger: ".modal .o_social_version:first-child .o_social_version_who:contains(by Agent All)" },
        { trigger: ".modal .btn-close", run: "click" },
        { trigger: "body:not(:has(.modal))" },
    ],
});
