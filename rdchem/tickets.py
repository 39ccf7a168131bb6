"""Ticket numbers of permits across the enterprises of a day. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from rdchem.declared import permits_in_force
from rdchem.model.day import EnterpriseDay, TicketElsewhere


def with_tickets_elsewhere(days: Sequence[EnterpriseDay]) -> tuple[EnterpriseDay, ...]:
    """The days, each knowing which of its ticket numbers other enterprises use."""
    users: dict[str, dict[str, TicketElsewhere]] = defaultdict(dict)
    for day in days:
        for held in permits_in_force(day):
            name = day.register.enterprise.name
            user = TicketElsewhere(day.company_code, name, held.journal_id)
            users[held.message.ticket_no].setdefault(day.company_code, user)
    shared = {number: by_company for number, by_company in users.items() if len(by_company) > 1}
    elsewhere: dict[str, dict[str, tuple[TicketElsewhere, ...]]] = defaultdict(dict)
    for number, by_company in sorted(shared.items()):
        for company in by_company:
            others = (user for code, user in sorted(by_company.items()) if code != company)
            elsewhere[company][number] = tuple(others)
    return tuple(
        replace(day, tickets_elsewhere=elsewhere[day.company_code]) if day.company_code in elsewhere else day
        for day in days
    )
