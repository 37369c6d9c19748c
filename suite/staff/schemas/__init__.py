"""What goes in and out of the staff routes."""
