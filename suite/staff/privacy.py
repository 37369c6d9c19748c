"""What the staff module declares."""

from suite.declarations import Basis, Declaration, Purpose
from suite.staff.models import staff_disabled

INTERNAL_TOOLS = Purpose(
    "internal_tools",
    "let the people who work for us use internal tools, each with the rights their work needs",
    "employment",
    Basis.CONTRACT,
)

declaration = Declaration(
    module="staff",
    purposes=(INTERNAL_TOOLS,),
    announces={staff_disabled: "staff_members.disabled_at"},
)
