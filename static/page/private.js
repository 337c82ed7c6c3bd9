/* The private page works without this: it only asks now and then whether there is
   something new, and shows local times. It never replaces what somebody is typing. */
(function () {
    "use strict";
    const { address, open, count, waits } = document.body.dataset;
    const text = document.getElementById("text");
    const FIRST = 3000;
    const LONGEST = 20000;

    document.querySelectorAll("time").forEach((time) => {
        const at = new Date(time.dateTime);
        if (!isNaN(at)) {
            time.textContent = at.toLocaleString(document.documentElement.lang || undefined, {
                dateStyle: "medium",
                timeStyle: "short",
            });
        }
    });

    const copy = document.getElementById("copy");
    if (copy && navigator.clipboard) {
        copy.hidden = false;
        copy.addEventListener("click", () => {
            navigator.clipboard
                .writeText(document.getElementById("code").textContent)
                .then(() => {
                    copy.textContent = copy.dataset.done;
                })
                .catch(() => {
                    copy.hidden = true;
                });
        });
    }

    const last = document.querySelector(".talk li:last-child");
    if (last && last.scrollIntoView) {
        last.scrollIntoView({ block: "nearest" });
    }

    // said before anything is sent: the server reads no more than it takes
    const files = document.getElementById("files");
    if (files) {
        files.form.addEventListener("submit", (ev) => {
            const chosen = [...files.files];
            const wrong = chosen.length > 4 || chosen.some((one) => one.size > files.dataset.most);
            document.getElementById("files_wrong").hidden = !wrong;
            if (wrong || !(chosen.length || text.value.trim())) {
                ev.preventDefault();
            }
        });
    }

    let wait = FIRST;
    function later() {
        setTimeout(look, wait);
        wait = Math.min(wait * 1.2, LONGEST);
    }
    function look() {
        if (document.hidden) {
            later();
            return;
        }
        fetch(address + "/state", { credentials: "same-origin", cache: "no-store" })
            .then((answer) => answer.json())
            .then((state) => {
                const changed = String(state.open ? "1" : "") !== open || state.count > Number(count);
                if (!changed) {
                    later();
                } else if ((text && text.value.trim()) || (files && files.files.length)) {
                    document.getElementById("news").hidden = false;
                    later();
                } else {
                    location.replace(address);
                }
            })
            .catch(later);
    }
    if (waits) {
        document.addEventListener("visibilitychange", () => {
            if (!document.hidden) {
                wait = FIRST;
            }
        });
        later();
    }
})();
