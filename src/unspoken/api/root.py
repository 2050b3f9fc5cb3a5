"""The API itself: one object that knows every router."""

from ninja import NinjaAPI

from . import calls, contacts, conversations, exports, flags, messages, problems, webhooks
from .bodies import BodyParser

api = NinjaAPI(
    title="Unspoken",
    version="1.0.0",
    description="The customer-emotion record. Tokens: `Authorization: Bearer uns_…`. Errors: RFC 9457 problems."
    " Lists: follow `next_cursor`. Times: ISO 8601 with zone. A reading says what a message *expresses*, never what "
    "somebody feels, and may be wrong.",
    urls_namespace="api",
    docs_url=None,
    parser=BodyParser(),
)
problems.install(api)
for module in (messages, conversations, calls, exports, contacts, flags, webhooks):
    api.add_router("", module.router)
