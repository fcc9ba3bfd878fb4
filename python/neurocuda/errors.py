"""The exceptions that NeuroCUDA raises: the C++ ones by the same names. Every message is one line with the remedy."""


class Error(Exception):
    """Root of every exception of NeuroCUDA."""


class UserError(Error):
    """Bad use or bad input."""


class UnsupportedOperator(UserError):
    """An operator, or a use of one, that cannot be converted. Names the operator and the line of the model."""


class ConversionError(UserError):
    """Supported operators in a network that cannot become a spiking one as it stands."""


class BackendUnavailable(UserError):
    """A target that was not built, or that finds no device. Says how to get it."""


class InternalError(Error):
    """A broken invariant: always a bug of NeuroCUDA."""
