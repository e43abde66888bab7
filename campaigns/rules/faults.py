"""What is wrong with a profile's file? Every fault with its line and key, told at once."""

from __future__ import annotations


class ProfileFault(ValueError):
    """A profile cannot be used. `file` names it, `faults` every reason. Nothing is dialled under it."""

    def __init__(self, file: str, faults: tuple[str, ...]) -> None:
        shown = "; ".join(faults[:20])
        super().__init__(f"{file}: {shown}. Nothing is dialled under it until it is mended.")
        self.file = file
        self.faults = faults
