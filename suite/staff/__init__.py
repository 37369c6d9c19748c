"""Staff: the people who work with the internal tools, what their roles allow, and how they sign in."""

from suite.kernel.module import Module
from suite.staff import jobs as _jobs  # noqa: F401 - makes the jobs known
from suite.staff.members import create, disable, everybody, invite, set_roles
from suite.staff.privacy import declaration
from suite.staff.recognition import recognise
from suite.staff.roles import Role, permissions_of
from suite.staff.sessions import PREFIX
from suite.staff.views import api, pages

module = Module(name="staff", declaration=declaration, api=api, pages=(pages,), recognise=recognise, prefix=PREFIX)

__all__ = ["Role", "create", "disable", "everybody", "invite", "module", "permissions_of", "set_roles"]
