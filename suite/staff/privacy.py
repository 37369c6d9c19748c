"""What the staff module declares."""

from suite.declarations import Access, Declaration
from suite.kernel.access import NEEDED_FOR
from suite.staff.letters import LETTERS
from suite.staff.models import invitation_over, staff_device_used, staff_disabled, staff_session_over
from suite.staff.roles import ROLES

declaration = Declaration(
    module="staff",
    announces={
        staff_disabled: "staff_members.disabled_at",
        invitation_over: "staff_invitations.expires_at",
        staff_session_over: "staff_sessions.expires_at",
        staff_device_used: "staff_devices.last_seen",
    },
    letters=tuple(letter.key for letter in LETTERS),
    access=tuple(
        Access(str(role), str(permission), NEEDED_FOR.get(permission, ""))
        for role, allowed in ROLES.items()
        for permission in sorted(allowed)
    ),
)
