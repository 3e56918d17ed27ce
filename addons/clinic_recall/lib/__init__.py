"""What is neither ORM nor web: the arithmetic of what is due when."""
