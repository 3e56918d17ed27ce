"""Limits of an enquiry: shared by the model and the page of the website."""

#: Longest text of an enquiry, and of a name.
MOST_TEXT, MOST_NAME = 4000, 200
