{
    "name": "Helpdesk Social",
    "summary": "Tickets from social networks, answered in public or in private",
    "version": "19.0.1.0.0",
    "category": "After-Sales",
    "author": "helpdesk_social contributors",
    "website": "https://github.com/OCA/helpdesk",
    "license": "AGPL-3",
    "application": True,
    "depends": ["helpdesk_mgmt"],
    "external_dependencies": {"python": ["requests", "phonenumbers", "email-validator"]},
    "data": [
        "security/helpdesk_social_groups.xml",
        "security/ir.model.access.csv",
        "security/helpdesk_social_rules.xml",
        "security/helpdesk_social_sandbox_rules.xml",
        "security/helpdesk_social_draft_rules.xml",
        "data/helpdesk_social_network_data.xml",
        "data/ir_cron_data.xml",
        "data/mail_message_subtype_data.xml",
        "views/helpdesk_ticket_views.xml",
    ],
    "demo": [],
    "assets": {
        "web.assets_backend": [
            "helpdesk_social/static/src/social_timeline/**/*",
            "helpdesk_social/static/src/social_marks/**/*",
            ("remove", "helpdesk_social/static/src/**/*.dark.scss"),
        ],
        "web.assets_web_dark": [
            "helpdesk_social/static/src/**/*.dark.scss",
        ],
        "web.assets_unit_tests": [
            "helpdesk_social/static/tests/**/*",
            ("remove", "helpdesk_social/static/tests/tours/**/*"),
        ],
        "web.assets_tests": [
            "helpdesk_social/static/tests/tours/**/*",
        ],
    },
}
