"""Birth and last will of a gateway's sessions."""

from datetime import datetime

from msgspec.structs import replace

from rdchem.model.source import GatewayPresence


def birth(company_code: str, gateway_code: str, at: datetime, after: int = 0) -> GatewayPresence:
    """What a gateway says when a session begins: its number is its second, and more than that `after` it."""
    session = max(int(at.timestamp()), after + 1)
    return GatewayPresence(
        id=f"presence-{gateway_code}-{session}",
        seq=1,
        occurred_at=at,
        company_code=company_code,
        simulated=True,
        gateway_code=gateway_code,
        session=session,
        state="online",
    )


def will_of(birth: GatewayPresence) -> GatewayPresence:
    """What the broker is to say when the session ends without a goodbye.

    It is handed over with the birth, so its time is the birth's: a will cannot know when it is spoken.
    """
    return replace(birth, seq=birth.seq + 1, state="offline")
