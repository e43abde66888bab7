"""What happens next? Pacing, agents, calls, schedule, control: the part that decides and runs."""
