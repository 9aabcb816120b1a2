"""What each subcommand does; arguments are parsed in cli.py."""
