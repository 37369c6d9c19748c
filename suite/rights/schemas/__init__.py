"""What goes in and out of the rights routes."""
