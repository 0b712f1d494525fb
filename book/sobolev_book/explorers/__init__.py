"""The explorers of the book: ES modules for page and notebook, and what they share with Python."""
