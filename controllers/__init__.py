from . import oauth, portal, webhook
