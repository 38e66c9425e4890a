"""What does the demo consist of? Staff, queues, channels, journeys, and a believable past; `seed_demo` makes it."""
