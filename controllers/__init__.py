from . import oauth, portal, private_page, webhook
