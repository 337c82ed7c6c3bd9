import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

const PICTURE = /^image\/(png|jpe?g|gif|webp)$/;
const MEGA = 1024 * 1024;
const NOTHING = { files: [], together: "" };

export function isPicture(file) {
    return PICTURE.test(file.mimetype);
}

/** A picture of which nobody has said yet what it shows, or that it only decorates. */
export function isUndescribed(file) {
    return isPicture(file) && !file.alt && !file.decorative;
}

/** "340 kB", "2.4 MB", in the reader's language. */
export function sizeWord(bytes) {
    if (!bytes) {
        return "";
    }
    const large = bytes >= MEGA;
    return new Intl.NumberFormat(undefined, {
        style: "unit",
        unit: large ? "megabyte" : "kilobyte",
        maximumFractionDigits: large ? 1 : 0,
    }).format(large ? bytes / MEGA : Math.max(1, bytes / 1024));
}

/**
 * What the network would refuse, in the server's words; the server asks again when the
 * answer is sent, so no answer here is no objection.
 *
 * @returns {Promise<{ files: string[], together: string }>}
 */
export async function checkFiles(orm, ticketId, optionId, files) {
    if (!files.length) {
        return NOTHING;
    }
    const known = files.map(({ name, mimetype, size, alt }) => ({ name, mimetype, size, alt }));
    try {
        return await orm.silent.call("helpdesk.ticket", "social_check_files", [
            [ticketId],
            optionId,
            known,
        ]);
    } catch {
        return NOTHING;
    }
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
                decorative: false,
            })),
        error: refused?.error ?? "",
    };
}

/**
 * Upload what the network will take of the chosen files, and say what is wrong with the
 * others before anybody waits for their upload.
 *
 * @param {(files: Object[]) => Promise<{ files: string[], together: string }>} check
 * @param {Object[]} held files that are there already
 * @param {File[]} chosen
 */
export async function takeFiles(http, check, held, chosen) {
    const fresh = chosen.map((one) => ({
        name: one.name,
        mimetype: one.type,
        size: one.size,
        alt: "",
    }));
    const problems = await check([...held, ...fresh]);
    const words = problems.files.slice(held.length);
    const good = problems.together ? [] : chosen.filter((_file, index) => !words[index]);
    const taken = good.length ? await uploadFiles(http, good) : { files: [], error: "" };
    const errors = [...words, problems.together, taken.error].filter(Boolean);
    return { files: taken.files, error: errors.join("\n") };
}

/** Files that go out with an answer, each with a description for those who cannot see. */
export class SocialFiles extends Component {
    static template = "helpdesk_social.Files";
    static props = {
        files: Array,
        alt: Boolean,
        altLength: { type: Number, optional: true },
        onRemove: Function,
        onDescribe: { type: Function, optional: true },
    };

    setup() {
        this.orm = useService("orm");
        this.isPicture = isPicture;
        this.isUndescribed = isUndescribed;
        this.sizeWord = sizeWord;
    }

    descriptionOf(file) {
        return _t("Description of %s", file.name);
    }

    decorativeWords(file) {
        return _t("%s only decorates: people who cannot see it miss nothing", file.name);
    }

    removeWords(file) {
        return _t("Remove %s", file.name);
    }

    describe(file, ev) {
        return this.keep(file, { alt: ev.target.value.trim(), decorative: false });
    }

    decorate(file) {
        return this.keep(file, { alt: "", decorative: !file.decorative });
    }

    /** An empty description was chosen, no description was not. */
    async keep(file, { alt, decorative }) {
        Object.assign(file, { alt, decorative });
        const description = decorative ? "" : alt || false;
        await this.orm.write("ir.attachment", [file.id], { description });
        this.props.onDescribe?.();
    }
}
