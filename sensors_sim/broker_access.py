"""Who may use the embedded broker: everybody on this machine, by a plugin of amqtt's own kind."""

from amqtt.plugins.base import BaseAuthPlugin
from amqtt.session import Session


class OpenToThisMachine(BaseAuthPlugin):  # type: ignore[misc]  # amqtt is untyped
    """Lets every client in without calling it anonymous: amqtt drops the sessions of anonymous clients."""

    async def authenticate(self, *, session: Session) -> bool:  # noqa: ARG002 - amqtt's signature
        """Always yes."""
        return True
