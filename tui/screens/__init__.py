"""Which screens are there? One module each; they draw snapshots and send commands."""
