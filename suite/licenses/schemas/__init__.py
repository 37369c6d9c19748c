"""What goes in and out of the licences routes."""
