"""What goes wrong when generated code is built or run: never the user's fault."""


class ExecutionError(Exception):
    """Generated code that does not compile, crashes, fails or writes where it must not."""
