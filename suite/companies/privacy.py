"""What the companies module declares."""

from suite.companies.letters import LETTERS
from suite.companies.models import company_ended, company_invited, contract_ended
from suite.companies.notices import LETTERS as NOTICES
from suite.declarations import Declaration

declaration = Declaration(
    module="companies",
    announces={
        company_ended: "companies.ended_at",
        company_invited: "company_invitations.invited_at",
        contract_ended: "contracts.ends_at",
    },
    letters=tuple(letter.key for letter in (*LETTERS, *NOTICES)),
)
