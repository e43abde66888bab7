"""Which pieces do the screens consist of? Widgets that only show inert `Text`."""
