"""Back ends that adapters speak to over HTTP: one per adapter, the one its manifest's ``<connectivity>`` names."""

import threading

from host.backends.lines import Lines
from host.config.connectivity import ConnectionPolicy


class Backends:
    """The lines to back ends that were asked so far, by adapter; they live as long as the process."""

    def __init__(self) -> None:
        self._of: dict[str, Lines] = {}
        self._making = threading.Lock()

    def of(self, adapter: str, policy: ConnectionPolicy, ca_file: str) -> Lines:
        """The lines to an adapter's back end; new ones where its policy has changed."""
        with self._making:
            found = self._of.get(adapter)
            if found is None or found.policy != policy:
                found = self._of[adapter] = Lines(policy, ca_file)
            return found
