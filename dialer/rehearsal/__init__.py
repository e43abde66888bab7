"""How would a day go? Made-up days with known people: a quick loop for many of them, the real engine for one."""
