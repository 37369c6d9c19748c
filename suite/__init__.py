"""An account-and-service backend whose privacy declarations are the program."""
