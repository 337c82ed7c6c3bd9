"""The tests of the page itself, in a browser (static/tests/*.test.js)."""

from odoo.tests import tagged

from odoo.addons.web.tests.test_js import HOOTCommon, unit_test_error_checker


@tagged("post_install", "-at_install")
class TestSocialHoot(HOOTCommon):
    def get_hoot_filters(self):
        self._test_params = [("+", "@helpdesk_social")]
        return super().get_hoot_filters()

    def _run(self, preset):
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset={preset}&timeout=15000"
            f"{self.hoot_filters}",
            "",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=unit_test_error_checker,
        )

    def test_desktop(self):
        self._run("desktop")
