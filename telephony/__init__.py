"""How is a call made? The port, the clock, and the telephone systems behind the port."""
