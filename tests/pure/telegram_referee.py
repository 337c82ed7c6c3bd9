"""An independent client judges the Telegram simulator: python-telegram-bot.

It parses every answer with its own models and turns every refusal into its own
exceptions.
"""

import asyncio
import contextlib

import pytest
import telegram
from telegram.request import HTTPXRequest

PNG = b"\x89PNG\r\n\x1a\n small"


def bot_does(sim, *steps, token=None):
    """Run each step (a function of the bot) in one session; their results."""

    async def session():
        bot = telegram.Bot(
            token or sim.token,
            base_url=f"{sim.url}/bot",
            base_file_url=f"{sim.url}/file/bot",
            request=HTTPXRequest(http_version="1.1"),
            get_updates_request=HTTPXRequest(http_version="1.1"),
        )
        async with contextlib.AsyncExitStack() as stack:
            for request in bot._request:
                await stack.enter_async_context(request)
            return [await step(bot) for step in steps]

    results = asyncio.run(session())
    return results[0] if len(results) == 1 else results


def polled(sim, **kwargs):
    return bot_does(sim, lambda bot: bot.get_updates(timeout=0, **kwargs))


def refused(sim, kind, words, step, **kwargs):
    with pytest.raises(kind) as caught:
        bot_does(sim, step, **kwargs)
    # the client writes the first letter large
    assert words.lower() in str(caught.value).lower()
    return caught.value


def sends(chat_id, text="Hello", **kwargs):
    return lambda bot: bot.send_message(chat_id, text, **kwargs)
