"""What the staff module declares."""

from suite.declarations import Declaration
from suite.staff.letters import LETTERS
from suite.staff.models import invitation_over, staff_device_used, staff_disabled, staff_session_over

declaration = Declaration(
    module="staff",
    announces={
        staff_disabled: "staff_members.disabled_at",
        invitation_over: "staff_invitations.expires_at",
        staff_session_over: "staff_sessions.expires_at",
        staff_device_used: "staff_devices.last_seen",
    },
    letters=tuple(letter.key for letter in LETTERS),
)
