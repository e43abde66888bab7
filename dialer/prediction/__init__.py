"""What will the next half minute bring? Answers and free agents, learned from past calls; pure mathematics."""
