import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

const PICTURE = /^image\/(png|jpe?g|gif|webp)$/;

export function isPicture(file) {
    return PICTURE.test(file.mimetype);
}

/**
 * Put files on the server, belonging to nobody but their owner until they are sent.
 *
 * @returns {Promise<{ files: Object[], error: string }>}
 */
export async function uploadFiles(http, chosen) {
    let answer;
    try {
        answer = await http.post(
            "/web/binary/upload_attachment",
            {
                csrf_token: odoo.csrf_token,
                model: "helpdesk.social.message",
                id: 0,
                ufile: chosen,
            },
            "text"
        );
        answer = JSON.parse(answer);
    } catch {
        return { files: [], error: _t("The file could not be uploaded. Is it too large?") };
    }
    const refused = answer.find((file) => file.error);
    return {
        files: answer
            .filter((file) => !file.error)
            .map((file) => ({
                id: file.id,
                name: file.filename,
                mimetype: file.mimetype,
                size: file.size,
                alt: "",
            })),
        error: refused?.error ?? "",
    };
}

/** Files that go out with an answer, each with a description for those who cannot see. */
export class SocialFiles extends Component {
    static template = "helpdesk_social.Files";
    static props = { files: Array, alt: Boolean, onRemove: Function };

    setup() {
        this.orm = useService("orm");
        this.isPicture = isPicture;
    }

    descriptionOf(file) {
        return _t("Description of %s", file.name);
    }

    removeWords(file) {
        return _t("Remove %s", file.name);
    }

    async describe(file, ev) {
        file.alt = ev.target.value.trim();
        await this.orm.write("ir.attachment", [file.id], { description: file.alt });
    }
}
