"""By when must what happen on the human side?"""
