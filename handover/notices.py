"""What does the desk itself say to a customer?"""

PASSING = "I am passing you to our team. Somebody will answer you right here."
LEFT_QUEUE = "All right, you have left the queue. I am here again."
CLOSED = "This conversation is closed. Write any time, and we go on from there."
FAILED = "I am sorry, I could not reach our team."
