"""What does the demo consist of? Staff, queues, channels, journeys, and a believable past; `seed_demo` makes it."""

PASSWORD = "throughline-demo"  # of every demo login, said on the screen; a sandbox has nothing to guard
