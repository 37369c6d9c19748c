"""What goes in and out of the routes for companies."""
