import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

import { SocialMessage } from "../social_timeline/social_message";
import { day, isVerified } from "./who";

/** A mark beside the names of people who proved who they are. */
patch(SocialMessage.prototype, {
    get isProved() {
        return isVerified(this.author);
    },

    get provedWords() {
        return _t("Proved to be the contact; verified until %s", day(this.author.verified_until));
    },
});
