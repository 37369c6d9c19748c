"""One gate for every door that takes a password.

A try is counted before it is judged, by network, by address and by both together, and an unknown address costs
the same work. A known device is counted alone: what strangers guess never locks it out.
"""

from dataclasses import dataclass
from uuid import UUID

from suite.kernel import limits, system
from suite.kernel.passwords import hash_password, verify_password

Counted = list[tuple[limits.Allowance, str]]


@dataclass(frozen=True)
class Gate:
    """How often one door may be tried."""

    network: limits.Allowance
    address_and_network: limits.Allowance
    address: limits.Allowance
    device: limits.Allowance

    def count(self, address: str, network: str, device: UUID | None) -> Counted:
        """Count a try before it is judged; give what the right password forgets."""
        if device is not None:
            limits.take(self.device, str(device))
            return [(self.device, str(device))]
        limits.take(self.network, network)
        counted = self.counted(address, network)
        for allowance, subject in counted:
            limits.take(allowance, subject)
        return counted

    def counted(self, address: str, network: str) -> Counted:
        """List what a try without a known device counts, in the one order in which these rows are ever locked."""
        return [(self.address_and_network, f"{address}\0{network}"), (self.address, address)]


def judge(password: str, stored: str | None) -> str | None:
    """Compare with the stored hash; give the hash to keep from now on, None for a wrong password."""
    if not verify_password(password, stored) or stored is None:
        return None
    return hash_password(password) if system.current().hashes.outdated(stored) else stored


def forget(counted: Counted) -> None:
    """Forget the tries: the right password was given."""
    for allowance, subject in counted:
        limits.give_back(allowance, subject)
