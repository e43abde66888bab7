"""What does a person see? Screens that draw snapshots and send commands, nothing else."""
