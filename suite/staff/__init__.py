"""Staff: the people who work with the internal tools, and what their roles allow."""

from suite.kernel.module import Module
from suite.staff.members import create, disable, everybody, set_roles
from suite.staff.privacy import declaration
from suite.staff.roles import Role, permissions_of

module = Module(name="staff", declaration=declaration)

__all__ = ["Role", "create", "disable", "everybody", "module", "permissions_of", "set_roles"]
