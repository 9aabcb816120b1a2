"""Graph operators, each declared once."""
