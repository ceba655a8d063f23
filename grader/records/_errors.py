"""The one exception type for mistakes of the person at the keyboard."""


class UserError(Exception):
    """Something the user can mend. The message is one line and says what to do; commands exit with 2."""


class StoreFault(UserError):
    """Disk or database failed: nobody's mistake, and never a zero. What was committed is kept; commands exit with 3."""
