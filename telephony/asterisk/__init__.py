"""How calls are made through a real Asterisk: the only place that knows its protocols and files."""
