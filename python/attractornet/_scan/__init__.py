"""Scans: a system measured at every point of a grid or a sample of its parameters."""

from attractornet._scan._grid import Grid
from attractornet._scan._reopen import scan_open
from attractornet._scan._result import ScanResult
from attractornet._scan._run import scan
from attractornet._scan._sample import Sample
from attractornet._scan._status import ScanStatus, ScanVerification, scan_status, scan_verify
from attractornet._scan._watch import end_with_parent

__all__ = [
    "Grid",
    "Sample",
    "ScanResult",
    "ScanStatus",
    "ScanVerification",
    "end_with_parent",
    "scan",
    "scan_open",
    "scan_status",
    "scan_verify",
]
