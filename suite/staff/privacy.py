"""What the staff module declares."""

from suite.declarations import Basis, Declaration, Purpose
from suite.staff.letters import LETTERS
from suite.staff.models import invitation_over, staff_device_used, staff_disabled, staff_session_over

INTERNAL_TOOLS = Purpose(
    "internal_tools",
    "let the people who work for us use internal tools, each with the rights their work needs",
    "employment",
    Basis.CONTRACT,
)

declaration = Declaration(
    module="staff",
    purposes=(INTERNAL_TOOLS,),
    announces={
        staff_disabled: "staff_members.disabled_at",
        invitation_over: "staff_invitations.expires_at",
        staff_session_over: "staff_sessions.expires_at",
        staff_device_used: "staff_devices.last_seen",
    },
    letters=tuple(letter.key for letter in LETTERS),
)
