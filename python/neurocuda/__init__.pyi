from . import datasets as datasets
from . import errors as errors
from . import models as models
from . import runtime as runtime
from .conversion import convert as convert
from .deployment import backends as backends
from .deployment import compile as compile
from .deployment import verify as verify
from .diagnosis import Finding as Finding
from .diagnosis import doctor as doctor
from .errors import BackendUnavailable as BackendUnavailable
from .errors import ConversionError as ConversionError
from .errors import Error as Error
from .errors import InternalError as InternalError
from .errors import UnsupportedOperator as UnsupportedOperator
from .errors import UserError as UserError
from .evaluation import evaluate as evaluate
from .evaluation import measure_sparsity as measure_sparsity
from .evaluation import report as report
from .evaluation import sweep as sweep
from .files import from_nir as from_nir
from .files import load_onnx as load_onnx
from .files import to_nir as to_nir
from .snn import SNN as SNN

__version__: str
