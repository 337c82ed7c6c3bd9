{
    "name": "Helpdesk Social: Guestbook",
    "summary": "A network from outside, as a third party would add one",
    "version": "19.0.1.0.0",
    "license": "AGPL-3",
    "depends": ["helpdesk_social"],
    "data": ["data/helpdesk_social_network_data.xml"],
}
